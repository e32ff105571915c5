"""Mail: how a message is written, built, handed to a server, and kept by the local mailbox."""
