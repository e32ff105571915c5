"""Refusals that no view of ours comes to."""


def test_a_foreign_host_name_is_refused_in_plain_words(app):
    response = app.test_client().get("/sign-in", base_url="http://elsewhere.example")
    assert (response.status_code, response.text) == (400, "This address is not served here.\n")
