"""docs/threat-model.md lists every threat's test, in the test's own words."""

from checks.threat_list import DOCUMENT, written


def test_the_list_is_what_the_tests_say() -> None:
    text = DOCUMENT.read_text()
    assert text == written(text), "run: python -m checks.threat_list"
