"""How a person works a page: with a finger or a mouse, or with the keyboard alone."""

from playwright.sync_api import Page

MOST_TABS = 300
LEADS_AWAY = "button, a:not([href^='#'])"
IS_FOCUSED = "selector => Boolean(document.activeElement?.matches(selector))"


class Pointer:
    """Presses what is seen: the whole row of a box, a button, a link."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        """Press it; what leads to another page has led there when this returns."""
        found = self.page.locator(selector).first
        if found.evaluate("(found, leading) => found.matches(leading)", LEADS_AWAY):
            with self.page.expect_navigation():
                found.click()
        else:
            found.click()

    def tick(self, control: str) -> None:
        self.page.locator(f"label[for='{control}']").click()

    def type(self, control: str, text: str) -> None:
        self.page.locator(f"#{control}").fill(text)

    def choose(self, control: str, value: str) -> None:
        self.page.locator(f"#{control}").select_option(value)


class Keyboard(Pointer):
    """Goes from control to control with the tabulator; never touches the mouse."""

    def press(self, selector: str) -> None:
        self._reach(selector)
        if self.page.evaluate(IS_FOCUSED, LEADS_AWAY):
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        else:
            self.page.keyboard.press("Enter")

    def tick(self, control: str) -> None:
        if self.page.locator(f"#{control}[type=radio]").count():
            # One of a group is reached with the tabulator, the others with the arrows.
            self._reach(f"form:has(#{control}) input[type=radio]")
            while not self.page.evaluate(IS_FOCUSED, f"#{control}"):
                self.page.keyboard.press("ArrowDown")
        else:
            self._reach(f"#{control}")
            self.page.keyboard.press("Space")

    def type(self, control: str, text: str) -> None:
        self._reach(f"#{control}")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def choose(self, control: str, value: str) -> None:
        self._reach(f"#{control}")
        # A list goes to the entry whose first letters are typed.
        label = self.page.locator(f"#{control} option[value='{value}']").inner_text()
        self.page.keyboard.type(label.strip())

    def _reach(self, selector: str) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(IS_FOCUSED, selector):
                return
        raise LookupError(f"{selector} cannot be reached with the tabulator")
