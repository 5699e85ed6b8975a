"""The policy in the page is what stops planted code, and the page asks for nothing."""

from __future__ import annotations

import re

import pytest

END = "</body>"
REFUSED = "Content Security Policy|^policy: "
"""What the browser says where the policy stops something."""


def planted(path, folder, markup, at=END):
    """A copy of a site with something in it that the page did not bring."""
    text = path.read_text(encoding="utf-8")
    assert text.count(at) == 1
    copy = folder / "planted.html"
    copy.write_text(text.replace(at, markup + at), encoding="utf-8")
    return copy


def without_policy(path):
    text = path.read_text(encoding="utf-8")
    free = re.sub(r"<meta http-equiv=.Content-Security-Policy[^>]*>", "", text)
    assert free != text
    path.write_text(free, encoding="utf-8")


@pytest.mark.parametrize(
    "markup",
    [
        "<script>window.hacked = true</script>",
        "<script type=module>window.hacked = true</script>",
        '<button autofocus onfocus="window.hacked = true">x</button>',
        '<svg onload="window.hacked = true"></svg>',
        '<iframe srcdoc="<script>parent.hacked = true</script>"></iframe>',
        "<script src='data:text/javascript,window.hacked=true'></script>",
    ],
)
def test_a_planted_script_runs_only_where_the_policy_is_taken_away(open_site, small_site, tmp_path, markup):
    copy = planted(small_site, tmp_path, markup)
    page = open_site(copy, expecting=[REFUSED])
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked === undefined")
    without_policy(copy)
    page = open_site(copy)
    page.wait_for_function("window.hacked === true")


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=https://hacker.invalid/x.png>",
        "<link rel=stylesheet href=https://hacker.invalid/x.css>",
        "<script src=https://hacker.invalid/x.js></script>",
        "<iframe src=https://hacker.invalid/></iframe>",
        "<video src=https://hacker.invalid/x.mp4 preload=auto></video>",
    ],
)
def test_a_planted_request_is_never_made(open_site, openings, small_site, tmp_path, markup):
    copy = planted(small_site, tmp_path, markup)
    open_site(copy, expecting=[REFUSED])
    assert failures(openings) <= {"csp"}
    without_policy(copy)
    open_site(copy, expecting=["request: https://hacker.invalid|ERR_INTERNET_DISCONNECTED"])
    assert "net::ERR_INTERNET_DISCONNECTED" in failures(openings)


def failures(openings):
    """Why requests came to nothing: `csp` where the policy stopped them before they were made."""
    openings.contexts[-1].pages[0].wait_for_timeout(100)
    return {
        each.rpartition(" ")[2] for each in openings.problems if each.startswith("request: https://hacker")
    }


def test_a_planted_style_does_nothing(open_site, small_site, tmp_path):
    copy = planted(small_site, tmp_path, "<style>body { display: none }</style>")
    page = open_site(copy, expecting=[REFUSED])
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("document.body.innerHTML = '<b>x</b>'", "TrustedHTML"),
        ("document.body.insertAdjacentHTML('beforeend', '<b>x</b>')", "TrustedHTML"),
        ("document.createElement('script').text = 'window.hacked = true'", "TrustedScript"),
        ("document.createElement('script').src = 'https://hacker.invalid/x.js'", "TrustedScriptURL"),
        ("document.createElement('iframe').srcdoc = '<b>x</b>'", "TrustedHTML"),
        ("trustedTypes.createPolicy('default', {})", "Policy"),
    ],
)
def test_the_page_cannot_make_markup_of_text(open_site, small_site, action, told):
    page = open_site(small_site, expecting=["Trusted|^policy: "])
    error = page.evaluate(
        f"() => {{ try {{ {action}; return 'allowed' }} catch (error) {{ return String(error) }} }}"
    )
    assert "TypeError" in error
    assert told in error


@pytest.mark.parametrize(
    "action", ["fetch('https://hacker.invalid/')", "fetch(location.href)", "import('data:text/javascript,1')"]
)
def test_the_page_cannot_ask_for_anything(open_site, small_site, action):
    page = open_site(small_site, expecting=[f"{REFUSED}|Trusted|ERR_FAILED"])
    assert (
        page.evaluate(
            f"async () => {{ try {{ await {action}; return 'allowed' }} catch {{ return 'refused' }} }}"
        )
        == "refused"
    )


def test_all_that_is_asked_for_is_the_file_itself(openings, open_site, small_site):
    """The list that every test's end looks at does hear of requests."""
    page = open_site(small_site)
    page.reload()
    assert openings.problems == []
    heard = []
    page.on("request", lambda request: heard.append(request.url))
    page.reload()
    assert heard == [small_site.as_uri()]


def test_what_a_page_reports_fails_its_test(openings, open_site, small_site):
    page = open_site(small_site)
    page.evaluate("console.error('a complaint')")
    page.evaluate("setTimeout(() => { throw new Error('a mistake') })")
    page.evaluate("setTimeout(() => alert('a dialog'))")
    page.wait_for_timeout(200)
    told = "\n".join(openings.problems)
    openings.problems.clear()
    for problem in ("a complaint", "a mistake", "dialog: a dialog"):
        assert problem in told


def test_without_scripts_the_page_says_where_the_same_is_as_text(browser, small_site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(small_site.as_uri())
    assert page.locator("noscript a[href='README.md'], main a[href='README.md']").count() == 1
    context.close()
