//! What was read stays readable without a line, and what was taken back does not.

use tests::browser::Browser;
use tests::{Backend, Province, Text, bounded, eventually};

/// The worker that keeps pages runs, and this page is its.
const IS_LOOKED_AFTER: &str = "
    const done = arguments[arguments.length - 1];
    navigator.serviceWorker.ready.then(() => done(Boolean(navigator.serviceWorker.controller)));";
/// The paths of all pages that are kept.
const KEPT: &str = "
    const done = arguments[arguments.length - 1];
    caches.open('trang-da-doc').then((cache) => cache.keys())
        .then((kept) => done(kept.map((one) => new URL(one.url).pathname)));";

#[tokio::test]
async fn what_was_read_stays_readable_without_a_line() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut commune = province.commune("xã Kon Braih").await;
        let desk = commune.staff().await;
        let stays = Text::article("Lịch tiêm chủng tháng 12 ở các thôn");
        let stays = desk.publish(&stays).await;
        let goes = Text::article("Danh sách hộ vay vốn đăng nhầm");
        let goes = desk.publish(&goes).await;
        let [front, list, desk_at, stays_at, goes_at] = [
            "/",
            "/van-ban",
            "/quan-tri/dang-nhap",
            &stays.page,
            &goes.page,
        ]
        .map(|path| commune.server.address(path));

        let browser = Browser::open().await;
        browser.goes_to(&front).await;
        eventually("the worker looks after pages", async || {
            match browser.waits_for(IS_LOOKED_AFTER).await.as_bool() {
                Some(true) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        for page in [&goes_at, &stays_at] {
            browser.goes_to(page).await;
        }
        eventually("both are kept", async || {
            let kept = browser.waits_for(KEPT).await.to_string();
            match kept.contains(&goes.page) && kept.contains(&stays.page) {
                true => Ok(()),
                false => Err(kept),
            }
        })
        .await;
        // Nothing of the newsroom is, whoever looks at it.
        browser.opens(&desk_at).await;
        let kept = browser.waits_for(KEPT).await.to_string();
        assert!(!kept.contains("quan-tri"), "{kept}");

        commune.server.stop().await;
        browser.opens(&stays_at).await;
        let text = browser.text().await;
        assert!(
            text.contains("bản lưu trên máy của bạn") && text.contains(&stays.title),
            "{text}"
        );
        // What was not read cannot be had, and what can is named.
        browser.opens(&list).await;
        let text = browser.text().await;
        for said in ["Không có kết nối mạng", &stays.title, &goes.title] {
            assert!(text.contains(said), "{said}: {text}");
        }
        browser
            .ask("document.querySelector('[data-element=kept-pages] a').click(); return 1")
            .await;
        assert!(browser.text().await.contains("bản lưu trên máy của bạn"));

        commune.server.start().await;
        let desk = commune.staff().await;
        desk.withdraw(&goes, "Đăng nhầm.").await;
        eventually(
            "what was taken back is forgotten at the next contact",
            async || {
                browser.opens(&front).await;
                let kept = browser.waits_for(KEPT).await.to_string();
                match kept.contains(&goes.page) {
                    true => Err(kept),
                    false => Ok(()),
                }
            },
        )
        .await;

        commune.server.stop().await;
        for page in [&goes_at, &list] {
            browser.opens(page).await;
            let text = browser.text().await;
            assert!(
                text.contains("Không có kết nối mạng") && text.contains(&stays.title),
                "{text}"
            );
            assert!(!text.contains(&goes.title), "{text}");
        }
        browser.opens(&stays_at).await;
        assert!(browser.text().await.contains("bản lưu trên máy của bạn"));
        browser.closes().await;
    })
    .await;
}
