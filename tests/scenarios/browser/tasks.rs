//! How long everyday tasks are, counted in actions by people who know where they want to go.

use super::super::citizens::{case_at, knowing};
use super::super::kinds::{decision, publishes};
use super::signs_in;
use std::time::Duration;
use tests::browser::{Browser, OFFICE_WIDTH};
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Province, Text, bounded, eventually, within};

/// Most actions from the front page to a document whose number somebody has.
const MOST_TO_A_DOCUMENT: u32 = 3;
/// Most actions from the page of questions to a receipt with its code.
const MOST_FOR_A_QUESTION: u32 = 6;
/// Most actions from the desk to an answer that is on its way.
const MOST_FOR_AN_ANSWER: u32 = 4;
/// Most actions from the desk to the names of those that lack an article.
const MOST_TO_WHO_LACKS_IT: u32 = 3;

#[tokio::test]
async fn a_citizen_with_a_telephone_finds_a_document_and_asks_and_is_answered() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let commune = province.commune("xã Kon Braih").await;
        let office = commune.staff().await;
        let document = decision("57/QĐ-UBND", "Quy chế trực ban mùa mưa", "");
        publishes(&office, document).await;
        // The commune is among those who can be asked as soon as the province has said who they are.
        knowing(&commune.visitor(), "/hoi-dap/gui", "Xã Kon Braih").await;

        let browser = Browser::open().await;
        browser
            .sees(&commune.address("/"), "Quy chế trực ban mùa mưa")
            .await;
        let hand = Hand::new(&browser, Way::Pointer);
        hand.types("#tim-dau-trang", "57/QĐ-UBND").await;
        hand.follows(".search-bar button").await;
        hand.follows("main h2 a, main h3 a").await;
        let seen = browser.text().await;
        assert!(
            seen.contains("57/QĐ-UBND") && seen.contains("Điều 1"),
            "{seen}"
        );
        let actions = hand.actions();
        assert!(actions <= MOST_TO_A_DOCUMENT, "{actions} actions");

        browser.goes_to(&commune.address("/hoi-dap")).await;
        let subject = "Cấp lại trích lục khai sinh";
        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("[data-element=ask] a").await;
        hand.types("#subject", subject).await;
        browser
            .types("words", "Tôi mất bản chính, xin cấp lại ở đâu?")
            .await;
        // Nobody fills it in as fast as a machine, and who does is asked to send it once more.
        within(Duration::from_secs(60), "the form is taken", async || {
            let button = browser
                .finds("[data-element=ask-form] button[type=submit], [data-element=receipt-code]")
                .await;
            button.click().await.map_err(|error| error.to_string())?;
            let seen = browser.ask("return document.body?.innerText ?? ''").await;
            let seen = seen.as_str().unwrap_or_default();
            match seen.contains("Mã tra cứu của bạn") {
                true => Ok(()),
                false => Err(seen.to_owned()),
            }
        })
        .await;
        browser.forgets_complaints().await;
        // The words and the button are two more.
        let actions = hand.actions() + 2;
        assert!(actions <= MOST_FOR_A_QUESTION, "{actions} actions");

        signs_in(&browser, &commune).await;
        eventually("the office has it", async || {
            case_at(&office, subject).await
        })
        .await;
        browser.goes_to(&commune.address("/quan-tri")).await;
        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("[data-element=desk-menu] a[href='/quan-tri/nguoi-dan']")
            .await;
        hand.follows("[data-element=case-item] h3 a").await;
        hand.types("#words", "Nộp tại bộ phận một cửa, mang theo căn cước.")
            .await;
        hand.follows("[data-element=answer-form] button[value=answered]")
            .await;
        let seen = browser.text().await;
        assert!(seen.contains("Đã gửi tới người hỏi."), "{seen}");
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_AN_ANSWER, "{actions} actions");
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn an_editor_finds_who_lacks_an_article() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let near = province.commune("xã Kon Braih").await;
        let mut away = province.commune("xã Đăk Kôi").await;
        away.stop().await;
        let title = "Phòng cháy rừng mùa khô";
        let desk = province.hub.staff().await;
        desk.publish(&Text::article(title)).await;
        near.staff().await.finds_in_inbox(title).await;

        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let editor = province.hub.account("hub_editor,approver").await;
        comes_in_by(&browser, &province.hub, &editor).await;
        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("[data-element=desk-menu] a[href='/quan-tri/bai-viet']")
            .await;
        hand.follows("[data-element=entries] h3 a, [data-element=entries] h2 a, main h3 a")
            .await;
        hand.follows("a[href^='/quan-tri/thu-hoi/moi?bai=']").await;
        let list = browser
            .finds("[data-element=recall-whereabouts] + details")
            .await;
        let list = list.text().await.expect("a list");
        assert!(
            list.contains("Đăk Kôi") && !list.contains("Kon Braih"),
            "{list}"
        );
        let actions = hand.actions();
        assert!(actions <= MOST_TO_WHO_LACKS_IT, "{actions} actions");
        browser.closes().await;
    })
    .await;
}
