//! What the province says above every page: within a minute everywhere, seen to, and gone when it is over.

use shared::clock::Clock;
use shared::vietnamese;
use std::time::{Duration, Instant};
use tests::{Backend, NewMember, Page, Province, Server, Staff, eventually};

on_both_databases! {
    a_bulletin_is_above_all_pages_within_a_minute_and_gone_when_it_is_over
}

const STORM: &str = "Bão số 12 đổ bộ đêm nay; bà con ven sông sơ tán trước 18 giờ.";
const SHORT: &str = "Diễn tập báo động, bà con không lo.";
const FORM: &str = "/quan-tri/thong-bao-khan/moi";

async fn a_bulletin_is_above_all_pages_within_a_minute_and_gone_when_it_is_over(hub: Backend) {
    let province = Province::found(hub).await;
    let called = province.commune("xã Kon Braih").await;
    let asking = province.join(NewMember {
        link: "pull",
        ..NewMember::commune("xã Đăk Rve")
    });
    let asking = asking.await;
    let mut away = province.commune("xã Đăk Pxi").await;
    away.stop().await;

    let desk = province.hub.staff().await;
    let said = Instant::now();
    let progress = say(&desk, "emergency", STORM, Duration::from_secs(6 * 3600)).await;
    for site in [&province.hub, &called.server, &asking.server] {
        eventually("it is above the front page", async || {
            front(site).await.showing(STORM)
        })
        .await;
    }
    let reached = said.elapsed();
    println!("bulletin: above the pages of all three reachable sites {reached:.1?} after the form");
    assert!(reached < Duration::from_secs(60));
    let page = called.visitor().get("/thong-bao").await;
    page.must_say("Khẩn cấp:");
    page.must_say("aria-live=\"assertive\"");

    // A reader closes it, and nobody else does.
    let reader = called.visitor();
    let close = reader.get("/").await.link("Đóng thông báo này");
    let after = reader.get(&close.expect("a way to close it")).await;
    assert!(!after.says("data-bulletin"), "{}", after.body);
    front(&called).await.must_say(STORM);

    // The people of one member see to it, and the province knows who did and who did not.
    let staff = called.staff().await;
    let page = staff.visitor.get("/quan-tri").await;
    page.must_say("Thông báo của tỉnh, chờ xác nhận");
    let done = staff.visitor.submit(page.form("acknowledge"), "").await;
    done.must_say("Đã xác nhận; tỉnh nhận được trong vài giây.");
    eventually("the province sees who acknowledged it", async || {
        let page = desk.visitor.get("/quan-tri/thong-bao-khan").await;
        page.showing("2/3 đơn vị đã nhận, 1 đã xác nhận")
    })
    .await;
    eventually(
        "the province has seen it on the pages of both",
        async || {
            let page = desk.visitor.get(&progress).await;
            page.showing("<strong>2</strong><span>đã thấy đúng trên trang</span>")
        },
    )
    .await;
    let page = desk.visitor.get(&progress).await;
    page.must_say("Y Thử (người duyệt)");
    assert_eq!(
        page.body
            .matches("data-element=\"bulletin-member\"")
            .count(),
        3
    );

    // What ends ends by itself, and who was away never shows it.
    say(&desk, "information", SHORT, Duration::from_secs(40)).await;
    eventually("the drill is announced", async || {
        front(&called).await.showing(SHORT)
    })
    .await;
    for site in [&province.hub, &called.server, &asking.server] {
        eventually("the drill is over", async || {
            front(site).await.without(SHORT)
        })
        .await;
    }
    away.start().await;
    let page = eventually("who was away shows what stands", async || {
        front(&away).await.showing(STORM)
    })
    .await;
    assert!(!page.says(SHORT), "and not what was over");

    // Lifted, it is gone everywhere.
    let page = desk.visitor.get(&format!("{progress}/go")).await;
    let form = page.form("bulletin-lift").with("reason", "Bão đã tan.");
    let page = desk.visitor.submit(form, "").await;
    page.must_say("Đã gỡ; lệnh gỡ đang tới từng trang.");
    for site in [&province.hub, &called.server, &asking.server, &away.server] {
        eventually("it is gone", async || front(site).await.without(STORM)).await;
    }
    eventually("the province knows that all have lifted it", async || {
        let page = desk.visitor.get("/quan-tri/thong-bao-khan").await;
        page.showing("3/3 đơn vị đã nhận lệnh gỡ")
    })
    .await;
    let page = staff.visitor.get("/quan-tri/thong-bao-tinh").await;
    page.must_say("Bão đã tan.");
}

async fn front(site: &Server) -> Page {
    site.visitor().get("/").await
}

/// Says something to everybody for a while; the page of how far it has come.
async fn say(desk: &Staff, level: &str, text: &str, lasts: Duration) -> String {
    let until = vietnamese::local(Clock::system().now() + lasts);
    let until = until.format("%Y-%m-%dT%H:%M:%S").to_string();
    let form = desk.visitor.get(FORM).await.form("bulletin-form");
    let form = form
        .with("level", level)
        .with("text", text)
        .with("issuer", "Ban Chỉ huy Phòng thủ dân sự tỉnh")
        .with("until", &until);
    let looked = desk.visitor.submit(form, "preview").await;
    looked.must_say("Sẽ hiện trên cổng của tỉnh và 3 đơn vị");
    let said = desk
        .visitor
        .submit(looked.form("bulletin-form"), "send")
        .await;
    said.must_say("Đã phát; thông báo đang tới từng trang.");
    let path = said.path.split('?').next().unwrap_or_default();
    path.to_owned()
}
