//! From the desk of a commune to the province and its neighbours, and the other way.

use tests::{Backend, NewMember, Province, Server, Text, eventually};

on_both_databases! {
    an_accepted_article_reaches_the_neighbours
    the_province_publishes_down
    a_returned_article_tells_its_authors_why
    a_revised_article_is_revised_everywhere
    a_withdrawn_article_disappears_everywhere
    a_picture_travels_with_its_article
}

async fn an_accepted_article_reaches_the_neighbours(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let tourism = NewMember {
        kind: "so",
        ..NewMember::commune("Sở Văn hóa, Thể thao và Du lịch")
    };
    let tourism = province.join(tourism).await;

    let title = "Kon Braih vào mùa hái cà phê";
    let article = kon_braih.staff().await.publish(&Text::article(title)).await;
    shows(&kon_braih, title).await;

    let editor = province.hub.staff().await;
    editor.finds_in_inbox(title).await;
    // Before the province decides, nobody but its author shows it.
    for site in [&province.hub, &dak_koi.server] {
        let page = site.visitor().get(&article.page).await;
        assert_eq!(page.status, 404, "{}", site.address(&article.page));
    }
    editor
        .accept_with_lead(title, "Lời dẫn của cổng tỉnh.")
        .await;

    shows(&province.hub, title).await;
    let page = province.hub.visitor().get(&article.page).await;
    page.must_say("ã Kon Braih");
    page.must_say("Lời dẫn của cổng tỉnh.");

    // The neighbours get it as its author wrote it, and decide for themselves.
    dak_koi.staff().await.accept(title).await;
    shows(&dak_koi, title).await;
    let page = dak_koi.visitor().get(&article.page).await;
    page.must_say("ã Kon Braih");
    assert!(!page.says("Lời dẫn của cổng tỉnh."));
    tourism.staff().await.finds_in_inbox(title).await;
    assert_eq!(tourism.visitor().get(&article.page).await.status, 404);

    // Its authors see that the province has published it.
    let desk = kon_braih.staff().await;
    eventually("the authors see that it is accepted", async || {
        desk.sent().await.showing("Đã đăng trên cổng tỉnh")
    })
    .await;
}

async fn the_province_publishes_down(hub: Backend) {
    let province = Province::found(hub).await;
    let called = province.commune("xã Kon Braih").await;
    let asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let desk = province.hub.staff().await;

    // A notice of the province stands on every site at once, whoever is at the desk there.
    let notice = "Thông báo nghỉ Ngày Văn hóa Việt Nam";
    desk.publish(&Text::notice(notice)).await;
    for site in [&called, &asking] {
        shows(site, notice).await;
    }
    // An article of the province is suggested.
    let article = "Toàn tỉnh sẵn sàng ứng phó mưa lớn";
    let written = desk.publish(&Text::article(article)).await;
    for site in [&called, &asking] {
        let staff = site.staff().await;
        staff.finds_in_inbox(article).await;
        assert_eq!(site.visitor().get(&written.page).await.status, 404);
        staff.accept(article).await;
        shows(site, article).await;
    }
}

async fn a_returned_article_tells_its_authors_why(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let desk = kon_braih.staff().await;
    let title = "Làng Kon Skôi mở hội mừng lúa mới";
    let written = desk.publish(&Text::article(title)).await;

    let editor = province.hub.staff().await;
    let reason = "Xin ghi rõ ngày diễn ra lễ hội.";
    editor.send_back(title, reason).await;
    eventually("the authors read the reason", async || {
        desk.sent().await.showing(reason)
    })
    .await;
    assert_eq!(
        province.hub.visitor().get(&written.page).await.status,
        404,
        "what was returned is not shown"
    );
    shows(&kon_braih, title).await;

    // Mended, it comes before the province again, and is accepted.
    let mended = "Làng Kon Skôi mở hội mừng lúa mới ngày 18 tháng 12";
    desk.revise(&written, mended, "Ghi rõ ngày diễn ra lễ hội.")
        .await;
    editor.accept(mended).await;
    shows(&province.hub, mended).await;
}

async fn a_revised_article_is_revised_everywhere(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let desk = kon_braih.staff().await;
    let title = "Cấp điện trở lại lúc 7 giờ";
    let written = desk.publish(&Text::article(title)).await;
    province.hub.staff().await.accept(title).await;
    dak_koi.staff().await.accept(title).await;
    shows(&dak_koi, title).await;

    let mended = "Cấp điện trở lại lúc 17 giờ";
    let correction = "Sửa giờ cấp điện.";
    let revised = desk.revise(&written, mended, correction).await;
    for site in [&kon_braih.server, &province.hub, &dak_koi.server] {
        eventually("the page shows what was mended", async || {
            site.visitor().get(&revised.page).await.showing(mended)
        })
        .await
        .must_say(correction);
        let list = site.visitor().get("/").await;
        list.showing(mended).expect("the list shows the new title");
        // The address under the old title leads to the new one.
        let old = site.visitor().get(&written.page).await;
        assert_eq!((old.status, old.path), (200, revised.page.clone()));
    }
}

async fn a_withdrawn_article_disappears_everywhere(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let dak_rve = province.commune("xã Đăk Rve").await;
    let desk = kon_braih.staff().await;
    let title = "Danh sách hộ nhận hỗ trợ có số căn cước";
    let written = desk.publish(&Text::article(title)).await;
    province.hub.staff().await.accept(title).await;
    dak_koi.staff().await.accept(title).await;
    // One neighbour has it waiting in its inbox.
    let waiting = dak_rve.staff().await;
    waiting.finds_in_inbox(title).await;
    let everywhere = [&kon_braih.server, &province.hub, &dak_koi.server];
    for site in everywhere {
        shows(site, title).await;
        assert!(finds(site, "số căn cước", title).await, "search finds it");
        for feed in ["/atom", "/rss", "/feed.json"] {
            site.visitor().get(feed).await.must_say(title);
        }
    }

    desk.withdraw(&written, "Có thông tin cá nhân của người dân.")
        .await;

    for site in everywhere {
        let page = eventually("the page is gone", async || {
            let page = site.visitor().get(&written.page).await;
            if page.status == 410 {
                Ok(page)
            } else {
                Err(page.status)
            }
        })
        .await;
        assert!(!page.says(title), "not even its title is left");
        for list in ["/", "/tin-tuc", "/chuyen-muc/kinh-te", "/rss", "/feed.json"] {
            let list = site.visitor().get(list).await;
            list.without(title).expect("no list has it");
        }
        let sitemap = site.visitor().get("/sitemap.xml").await;
        assert_eq!(sitemap.status, 200);
        assert!(!finds(site, "số căn cước", title).await, "search is silent");
        // Those who read the Atom feed are told to forget it.
        let feed = site.visitor().get("/atom").await;
        feed.must_say("deleted-entry");
        assert!(!feed.says(title));
    }
    eventually("it leaves the inbox it waited in", async || {
        waiting
            .visitor
            .get("/quan-tri/hop-den")
            .await
            .without(title)
    })
    .await;
}

async fn a_picture_travels_with_its_article(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let title = "Bữa cơm trưa nhân rộng từ một bếp ăn làng";
    let alt = "Bếp ăn của làng nhìn từ sân";
    let text = Text {
        picture: Some(alt),
        ..Text::article(title)
    };
    let page = kon_braih.staff().await.publish(&text).await.page;

    province.hub.staff().await.accept(title).await;
    let origin = kon_braih.visitor();
    let picture = picture_of(&origin.get(&page).await.body).expect("a picture");
    let own = origin.get(&picture).await;
    let media_type = own.headers["content-type"].to_str().expect("text");
    assert_eq!((own.status, media_type), (200, "image/jpeg"));

    // The province shows a copy of its own, under the same address: the hash of its bytes.
    eventually("the province has the picture", async || {
        let hub = province.hub.visitor();
        let shown = hub.get(&page).await.showing(alt)?;
        assert_eq!(picture_of(&shown.body).as_ref(), Some(&picture));
        let copy = hub.get(&picture).await;
        if copy.status == 200 {
            Ok(())
        } else {
            Err(copy.status.to_string())
        }
    })
    .await;
}

/// Waits until the front page of a site shows `title`.
async fn shows(site: &Server, title: &str) {
    eventually(
        &format!("{} shows {title:?}", site.base_url()),
        async || site.visitor().get("/").await.showing(title),
    )
    .await;
}

/// Whether searching for `words` leads to `title`.
async fn finds(site: &Server, words: &str, title: &str) -> bool {
    let query: String = url_encoded(words);
    let page = site.visitor().get(&format!("/tim-kiem?q={query}")).await;
    assert_eq!(page.status, 200);
    page.link(title).is_some()
}

fn url_encoded(words: &str) -> String {
    words.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn picture_of(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("/media/sha256/")?;
    let hash: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    Some(format!("/media/sha256/{hash}"))
}
