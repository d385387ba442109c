//! A portal that is not ours takes part by its feed.

use tests::{Backend, ForeignPortal, Province, eventually};

on_both_databases! {
    a_foreign_portal_takes_part_by_its_feed
}

async fn a_foreign_portal_takes_part_by_its_feed(hub: Backend) {
    let mut province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let portal = ForeignPortal::open(&province).await;
    let title = "Kiểm kê cồng chiêng toàn tỉnh";
    portal.shows(1, title);
    province.reads_feed_of("Bảo tàng tỉnh", &portal).await;

    // What it shows is suggested to the province as what it is: the portal's.
    let editor = province.hub.staff().await;
    editor.accept(title).await;
    let hub = province.hub.visitor();
    let front = hub.get("/").await;
    let page = hub.get(&front.link(title).expect("a link")).await;
    page.must_say("Bảo tàng tỉnh");
    page.must_say("Nội dung của tin 1.");
    page.must_say(portal.base_url.join("/tin/1").expect("a URL").as_str());
    assert!(!page.says("x()"), "no script comes with it");

    // A member believes the hub that it is.
    kon_braih.staff().await.accept(title).await;
    let neighbour = kon_braih.visitor().get(&page.path).await;
    neighbour.must_say("Bảo tàng tỉnh");

    // While nothing is new, nothing is sent.
    let (answered, _) = portal.asked();
    eventually("the hub asks and is spared", async || {
        let (again, spared) = portal.asked();
        assert_eq!(again, answered, "the same feed is sent once");
        if spared >= 2 { Ok(()) } else { Err(spared) }
    })
    .await;

    // The portal mends its title, under the same identity.
    let mended = "Kiểm kê cồng chiêng toàn tỉnh: hơn hai nghìn bộ";
    portal.shows(1, mended);
    eventually("the province shows what was mended", async || {
        hub.get("/").await.showing(mended)
    })
    .await;
    eventually("so does the commune", async || {
        kon_braih.visitor().get("/").await.showing(mended)
    })
    .await;

    // What is no feed hurts nobody but its own source.
    let other = ForeignPortal::open(&province).await;
    other.shows(1, "Thư viện kéo dài giờ mở cửa");
    province.reads_feed_of("Thư viện tỉnh", &other).await;
    editor.finds_in_inbox("Thư viện kéo dài giờ mở cửa").await;
    let (answered, _) = portal.asked();
    let bomb = [b"<rss><channel>".to_vec(), b"<a>".repeat(100_000)].concat();
    portal.answers_with(bomb);
    eventually("the hub has read it", async || {
        let (again, _) = portal.asked();
        if again > answered { Ok(()) } else { Err(again) }
    })
    .await;
    other.shows(2, "Thư viện lưu động lên Đăk Kôi");
    editor.finds_in_inbox("Thư viện lưu động lên Đăk Kôi").await;
    hub.get("/").await.must_say(mended);
}
