//! Somebody who uses no mouse: goes through a page with the Tab key, sees at each stop where it is, comes to
//! everything that can be used, and passes over what stands on every page.

use serde::Deserialize;
use std::collections::BTreeSet;
use tests::browser::Browser;
use thirtyfour::Key;

/// Most stops of a page. More of them and nobody would come to its end.
const MOST_STOPS: usize = 250;

/// Numbers what can be used as the page stands, from one choice of several the first, and says what it is.
const USABLE: &str = "
    const groups = new Set();
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, audio, video')]
        .filter((one) => !one.disabled && one.type !== 'hidden' && one.tabIndex >= 0
            && one.checkVisibility({ checkVisibilityCSS: true }))
        .filter((one) => one.type !== 'radio' || (!groups.has(one.name) && groups.add(one.name)))
        .map((one, number) => { one.dataset.stop = number; return one.outerHTML.slice(0, 120); });";

/// Where the focus is. It is shown by an outline of the element, or of what it lays over its card; and what has the
/// focus is on the screen, under nothing else (WCAG 2.2, 2.4.7 and 2.4.11).
const STOP: &str = "
    const here = document.activeElement;
    if (!here || here === document.body || here === document.documentElement) return null;
    const outlined = [null, '::before', '::after'].some((part) => {
        const style = getComputedStyle(here, part);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    });
    const boxes = [...here.getClientRects()];
    const seen = boxes.some((box) => {
        const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
        const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
        const top = box.width > 1 && box.height > 1 ? document.elementFromPoint(x, y) : null;
        return top && (top === here || here.contains(top) || top.contains(here) || top.htmlFor === here.id);
    });
    return { number: here.dataset.stop ? Number(here.dataset.stop) : null, what: here.outerHTML.slice(0, 120),
        outlined, seen, forced: here.tabIndex > 0 };";

/// A stop of the Tab key.
#[derive(Debug, Deserialize)]
struct Stop {
    /// The number it was given; nothing for what came later or scrolls by keys.
    number: Option<usize>,
    what: String,
    outlined: bool,
    seen: bool,
    /// It has a place of its own in the order, against that of the page.
    forced: bool,
}

/// What is in the way of somebody with a keyboard on the page at `address`.
pub(super) async fn flaws(browser: &Browser, address: &str) -> Vec<String> {
    browser.opens(address).await;
    let usable = browser.ask(USABLE).await;
    let usable: Vec<String> = serde_json::from_value(usable).expect("what can be used");
    let mut flaws = Vec::new();
    let mut reached = BTreeSet::new();
    let mut ended = false;
    for _ in 0..MOST_STOPS {
        browser.strikes(Key::Tab).await;
        let Some(stop) = stops_at(browser).await else {
            ended = true;
            break;
        };
        if !stop.outlined {
            flaws.push(format!(
                "{address}: the focus is not to be seen: {}",
                stop.what
            ));
        }
        if !stop.seen {
            flaws.push(format!(
                "{address}: has the focus, and is hidden: {}",
                stop.what
            ));
        }
        if stop.forced {
            flaws.push(format!("{address}: jumps the order: {}", stop.what));
        }
        reached.extend(stop.number);
    }
    if !ended {
        flaws.push(format!("{address}: no end after {MOST_STOPS} stops"));
    }
    for (number, what) in usable.iter().enumerate() {
        if !reached.contains(&number) {
            flaws.push(format!("{address}: not reached: {what}"));
        }
    }
    flaws.extend(way_past_the_head(browser, address).await);
    if browser.is_telephone() {
        flaws.extend(menu(browser, address).await);
    }
    flaws
}

/// The first stop leads past what stands on every page.
async fn way_past_the_head(browser: &Browser, address: &str) -> Option<String> {
    browser.opens(address).await;
    browser.strikes(Key::Tab).await;
    browser.strikes(Key::Enter).await;
    browser.strikes(Key::Tab).await;
    let script = "const main = document.querySelector('main'), here = document.activeElement;
        const later = main.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
        return here !== document.body && Boolean(later)";
    let is_past = browser.ask(script).await == true;
    (!is_past).then(|| format!("{address}: the first stop does not lead to the content"))
}

/// The menu of a telephone opens where one presses, is gone through, and closes by Escape to where one was.
async fn menu(browser: &Browser, address: &str) -> Vec<String> {
    browser.opens(address).await;
    let at_opener = "return document.activeElement.hasAttribute('data-menu')";
    let mut stops = 0;
    while browser.ask(at_opener).await != true {
        browser.strikes(Key::Tab).await;
        stops += 1;
        if stops > MOST_STOPS {
            return vec![format!("{address}: nothing opens the menu")];
        }
    }
    let mut flaws = Vec::new();
    let open = "const opener = document.querySelector('[data-menu]');
        return opener.getAttribute('aria-expanded') === 'true'
            && document.querySelector(opener.hash).checkVisibility()";
    for key in [Key::Enter, Key::Space] {
        browser.strikes(key.clone()).await;
        if browser.ask(open).await != true {
            flaws.push(format!("{address}: {key:?} does not open the menu"));
        }
        let first = "const opener = document.querySelector('[data-menu]');
            return document.activeElement === document.querySelector(`${opener.hash} a`)";
        if browser.ask(first).await != true {
            flaws.push(format!(
                "{address}: {key:?} opens the menu and stays outside"
            ));
        }
        match stops_at(browser).await {
            Some(stop) if stop.outlined && stop.seen => {}
            stop => flaws.push(format!("{address}: the menu hides the focus: {stop:?}")),
        }
        browser.strikes(Key::Escape).await;
        if browser.ask(open).await == true || browser.ask(at_opener).await != true {
            flaws.push(format!(
                "{address}: Escape does not lead back from the menu"
            ));
        }
    }
    flaws
}

async fn stops_at(browser: &Browser) -> Option<Stop> {
    let stop = browser.ask(STOP).await;
    serde_json::from_value(stop).expect("a stop")
}
