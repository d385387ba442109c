//! A page for somebody who has no mouse: every stop of the Tab key is on the screen, shows that it is the one, and lets
//! go again; the way past the menu works, and so does the menu.

use serde_json::Value;
use tests::browser::Browser;
use thirtyfour::Key;

/// Stops that are looked at; a page whose last is further is looked at so far.
const MOST_STOPS: usize = 120;

/// Where the focus is, and what is wrong with how it is shown.
const STOP: &str = r#"
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return null;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const name = `${at.tagName.toLowerCase()} «${(at.textContent || at.name || at.id || '').trim().slice(0, 40)}»`;
    const flaws = [];
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    if (!isOutlined && style.boxShadow === 'none') flaws.push('shows no focus');
    if (box.width < 1 || box.height < 1) flaws.push('has no size');
    const isIn = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    if (!isIn) flaws.push('is off the screen');
    else {
        const x = Math.min(Math.max((box.left + box.right) / 2, 1), innerWidth - 1);
        const y = Math.min(Math.max((box.top + box.bottom) / 2, 1), innerHeight - 1);
        const over = document.elementFromPoint(x, y);
        const isSeen = over && (at.contains(over) || over.contains(at) || at.labels?.[0]?.contains(over));
        if (!isSeen) flaws.push(`is hidden behind ${over ? over.tagName.toLowerCase() + '.' + over.className : 'nothing'}`);
    }
    return { name, flaws, isSkip: at.matches('.skip'), isInMain: Boolean(at.closest('main')) };
"#;

/// What keeps somebody with a keyboard from using the page that is open.
pub(super) async fn flaws(browser: &Browser, address: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    browser.opens(address).await;
    browser.hits(Key::Tab).await;
    let first = browser.ask(STOP).await;
    if first["isSkip"] != true {
        flaws.push(format!(
            "{address}: the first stop is not the way to the text: {first}"
        ));
    }
    browser.hits(Key::Enter).await;
    browser.hits(Key::Tab).await;
    let next = browser.ask(STOP).await;
    if next["isInMain"] != true {
        flaws.push(format!(
            "{address}: past the menu the next stop is not in the text: {next}"
        ));
    }
    browser.opens(address).await;
    let mut stops = 0;
    let mut before = Value::Null;
    while stops < MOST_STOPS {
        browser.hits(Key::Tab).await;
        let stop = browser.ask(STOP).await;
        if stop.is_null() {
            break;
        }
        stops += 1;
        for flaw in stop["flaws"].as_array().into_iter().flatten() {
            flaws.push(format!("{address}: {} {flaw}", stop["name"]));
        }
        before = stop;
    }
    if stops < 5 {
        flaws.push(format!("{address}: only {stops} stops, the last {before}"));
    }
    if browser.is_telephone() {
        flaws.extend(menu(browser, address).await);
    }
    flaws
}

/// The menu of a telephone: it opens, is where the focus goes on, and gives it back.
async fn menu(browser: &Browser, address: &str) -> Vec<String> {
    const OPEN: &str =
        "return document.getElementById('trinh-don').getBoundingClientRect().height > 0;";
    const IN_MENU: &str = "return Boolean(document.activeElement.closest('#trinh-don'));";
    browser.opens(address).await;
    browser
        .ask("document.querySelector('[data-menu]').focus();")
        .await;
    browser.hits(Key::Enter).await;
    let mut flaws = Vec::new();
    if browser.ask(OPEN).await != true {
        flaws.push(format!("{address}: the menu does not open"));
    }
    browser.hits(Key::Tab).await;
    if browser.ask(IN_MENU).await != true {
        flaws.push(format!("{address}: the focus does not go on in the menu"));
    }
    browser
        .ask("document.querySelector('[data-menu-close]').focus();")
        .await;
    browser.hits(Key::Enter).await;
    let back = "return document.activeElement.matches('[data-menu]');";
    if browser.ask(back).await != true {
        flaws.push(format!("{address}: the menu does not give the focus back"));
    }
    flaws
}
