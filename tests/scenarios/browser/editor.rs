//! The editor in a real browser: Vietnamese as it is typed, Word as it is pasted, and what becomes of a text
//! when the network goes.

use super::signs_in;
use std::time::Duration;
use tests::browser::Browser;
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Member, Province, bounded, eventually, within};
use thirtyfour::Key;

const NEW: &str = "/quan-tri/bai-viet/moi";
const SENTENCE: &str = "Đường Nguyễn Huệ được";

#[tokio::test]
async fn vietnamese_is_kept_as_it_is_typed_whatever_types_it() {
    bounded(async {
        let (_province, site, browser) = at_the_desk().await;
        browser.goes_to(&site.address(NEW)).await;
        browser.types("title", "Gõ tiếng Việt").await;

        // As Gboard and Windows' own input do it: composed, then settled.
        browser.writes("").await;
        for (steps, word) in [
            (&["D", "Dd", "Đ", "Đư", "Đươ", "Đườ", "Đườn"][..], "Đường"),
            (&["N", "Ng", "Ngu", "Nguy", "Nguyê", "Nguyễ"], "Nguyễn"),
            (&["H", "Hu", "Huê"], "Huệ"),
            (&["d", "đ", "đư", "đươ", "đượ"], "được"),
        ] {
            browser.composes(steps, word).await;
            browser.hits(" ").await;
        }
        browser.hits(Key::Enter).await;
        // As UniKey does it: Backspace, and the letters anew.
        for part in [
            "D", "<Đ", "uo", "<<ươ", "n", "g", "<<<ờng", " Nguye", "<ê", "n", "<<ễn", " Hue", "<ê",
            "<ệ", " d", "<đ", "uoc", "<<<ươc", "<<ợc",
        ] {
            let keys = part.replace('<', &char::from(Key::Backspace).to_string());
            browser.hits(keys).await;
        }
        let twice = format!("<p>{SENTENCE}</p><p>{SENTENCE}</p>");
        assert_eq!(browser.body_with(&twice).await, twice);

        // Esc, then Tab leaves; nobody is caught.
        browser.hits(Key::Escape).await;
        browser.hits(Key::Tab).await;
        let here = browser
            .ask("return document.activeElement.closest('.editor') === null")
            .await;
        assert_eq!(here, true);

        browser.chooses("section", "kinh-te").await;
        browser.presses("button[value=save]").await;
        let kept = browser.body_with(SENTENCE).await;
        assert_eq!(kept, format!("<p>{SENTENCE}</p><p>{SENTENCE}</p>"));
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_pasted_from_word_keeps_its_meaning_and_nothing_that_runs() {
    bounded(async {
        let (_province, site, browser) = at_the_desk().await;
        for (pasted, kept) in [
            (
                include_str!("pastes/word.html"),
                include_str!("pastes/word.kept.html"),
            ),
            (
                include_str!("pastes/docs.html"),
                include_str!("pastes/docs.kept.html"),
            ),
        ] {
            browser.goes_to(&site.address(NEW)).await;
            browser.pastes(pasted).await;
            let kept = kept.trim().replace('\n', "");
            browser.body_with(&kept).await;
        }
        // What is only looked at complains nowhere either.
        assert_eq!(browser.flaws().await, [""; 0]);
        for hostile in include_str!("pastes/hostile.txt").lines() {
            browser.goes_to(&site.address(NEW)).await;
            browser
                .pastes(&format!("<p>trước</p>{hostile}<p>sau</p>"))
                .await;
            let body = browser.body_with("trước").await;
            for trace in [
                "<script",
                "onerror",
                "onload",
                "javascript:",
                "<svg",
                "<math",
                "style=",
            ] {
                assert!(!body.contains(trace), "{hostile} left {body}");
            }
            let ran = browser.ask("return window.ran === undefined").await;
            assert_eq!(ran, true, "{hostile}");
        }
        browser.forgets_complaints().await;
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn leaving_asks_only_while_something_would_be_lost() {
    bounded(async {
        let (_province, site, browser) = at_the_desk().await;
        browser.goes_to(&site.address(NEW)).await;
        asks(&browser, false).await;
        browser.writes("Mưa").await;
        asks(&browser, true).await;
        // What was typed is taken out again.
        for _ in 0..3 {
            browser.hits(Key::Backspace).await;
        }
        asks(&browser, false).await;
        browser.types("title", "Mưa lớn").await;
        asks(&browser, true).await;
        // The page saves by itself.
        says(&browser, "Đã lưu lúc").await;
        asks(&browser, false).await;
        browser.writes("Nước lên nhanh.").await;
        asks(&browser, true).await;
        browser.chooses("section", "kinh-te").await;
        browser.presses("button[value=save]").await;
        asks(&browser, false).await;
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_without_a_network_survives_a_power_cut() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let site = province.commune("xã Kon Braih").await;
        let browser = Browser::open().await;
        let login = site.account("contributor").await;
        comes_in_by(&browser, &site, &login).await;
        browser.goes_to(&site.address(NEW)).await;
        browser
            .types("title", "Nước suối Đăk Pơ Ne lên nhanh")
            .await;
        browser.writes("Ba làng đã di dời.").await;
        says(&browser, "Đã lưu lúc").await;
        let path = browser.ask("return location.pathname").await;
        let path = path.as_str().expect("a path").to_owned();
        assert_ne!(path, NEW, "it has an address of its own by now");

        browser.is_offline(true).await;
        let typed = " Đến trưa, nước rút dần.";
        browser.writes(typed).await;
        says(&browser, "đang giữ trên máy này").await;
        // Chromium writes what pages keep sixty times an hour at most: whoever was slow before has used up a turn.
        within(Duration::from_secs(150), "the disk has it", async || {
            if browser.has_on_disk("nước rút dần") {
                Ok(())
            } else {
                Err("not yet")
            }
        })
        .await;
        let browser = browser.loses_power().await;

        // Whether the browser had written down who is signed in depends on when the power went.
        browser.opens(&site.address("/")).await;
        browser.swaps_cookies(Vec::new()).await;
        comes_in_by(&browser, &site, &login).await;
        browser.goes_to(&site.address(&path)).await;
        let whole = format!("Ba làng đã di dời.{typed}");
        let before = browser.body_with("Ba làng").await;
        assert!(!before.contains(typed), "the server never had it: {before}");
        Hand::new(&browser, Way::Pointer)
            .presses("#ban-tren-may:not([hidden]) .btn-primary")
            .await;
        browser.body_with(&whole).await;
        says(&browser, "Đã lưu lúc").await;
        asks(&browser, false).await;
        browser.goes_to(&site.address(&path)).await;
        browser.body_with(&whole).await;
        browser.closes().await;
    })
    .await;
}

/// Somebody who may do everything in the newsroom of a commune, at a telephone.
async fn at_the_desk() -> (Province, Member, Browser) {
    let province = Province::found(Backend::Sqlite).await;
    let site = province.commune("xã Kon Braih").await;
    let browser = Browser::open().await;
    signs_in(&browser, &site).await;
    (province, site, browser)
}

async fn asks(browser: &Browser, whether: bool) {
    let what = format!("leaving asks: {whether}");
    eventually(&what, async || {
        if browser.asks_before_leaving().await == whether {
            Ok(())
        } else {
            Err(!whether)
        }
    })
    .await;
}

async fn says(browser: &Browser, words: &str) {
    eventually(&format!("the page says {words:?}"), async || {
        let said = browser
            .ask("return document.getElementById('tinh-trang').textContent")
            .await;
        let said = said.as_str().unwrap_or_default().to_owned();
        if said.contains(words) {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
}
