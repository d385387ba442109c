//! What the province takes back is gone: everywhere, whoever was away, and whatever comes later.

use std::time::{Duration, Instant};
use tests::{Backend, NewMember, Province, Server, Text, Visitor, Written, eventually};

on_both_databases! {
    a_recall_leaves_nothing_of_an_entry_anywhere
    an_erasure_reaches_its_author_as_well
    a_recall_overtakes_a_backlog
    a_recall_that_was_a_mistake_is_taken_back_and_its_author_publishes_again
}

/// A word no other text has.
const CANARY: &str = "chimhoangyen7719";

/// What is told in place of the entry.
const REASON: &str = "Có thông tin cá nhân của người dân.";

async fn a_recall_leaves_nothing_of_an_entry_anywhere(hub: Backend) {
    let province = Province::found(hub).await;
    let origin = province.commune("xã Kon Braih").await;
    let called = province.commune("xã Đăk Kôi").await;
    let asking = province.join(NewMember {
        link: "pull",
        ..NewMember::commune("xã Đăk Rve")
    });
    let asking = asking.await;
    let mut away = province.commune("xã Đăk Pxi").await;
    let newsroom = origin.staff().await;
    let written = newsroom.publish(&secret()).await;
    province.hub.staff().await.accept(&written.title).await;
    for member in [&called, &asking, &away] {
        member.staff().await.accept(&written.title).await;
    }
    for site in [&origin.server, &province.hub, &called, &asking, &away] {
        crawl_finds_it(site).await;
    }
    let picture = picture_of(&origin.visitor().get(&written.page).await.body);
    for site in [&origin.server, &province.hub, &called, &asking, &away] {
        eventually("the picture is everywhere", async || {
            status(site, &picture, 200).await
        })
        .await;
    }
    away.stop().await;

    let ordered = Instant::now();
    recall(&province, &written, &[]).await;
    for site in [&origin.server, &province.hub, &called, &asking] {
        gone(site, &written, &picture).await;
    }
    let reached = ordered.elapsed();
    println!("recall: gone from all four reachable sites {reached:.1?} after the command");
    assert!(reached < Duration::from_secs(60));
    for site in [&origin.server, &province.hub, &called, &asking] {
        crawl_finds_nothing(site).await;
    }

    // The province sees who has it and who has not, and since when.
    let desk = province.hub.staff().await;
    let page = eventually("all but one are clean", async || {
        let page = desk.visitor.get("/quan-tri/thu-hoi").await;
        page.showing("Sạch ở 4/5 trang")
    })
    .await;
    let case = page.link(&written.title).expect("the case has a page");
    desk.visitor.get(&case).await.must_say("không kết nối được");

    // Who comes back shows it to nobody: what is urgent is taken in before anything is served.
    away.start().await;
    let page = away.visitor().get(&written.page).await;
    assert_eq!(page.status, 410, "the first page it serves");
    gone(&away, &written, &picture).await;
    crawl_finds_nothing(&away).await;
    eventually("everybody is clean", async || {
        let page = desk.visitor.get("/quan-tri/thu-hoi").await;
        page.showing("Sạch ở 5/5 trang")
    })
    .await;

    // What is held anywhere names the entry and says nothing of it.
    for member in [&called, &asking, &away] {
        let records = member.records().await;
        for table in ["contents", "entries", "placements"] {
            assert_eq!(records.rows_saying(table, CANARY), 0, "{table}");
        }
    }

    // A member that joins later hears of it and never shows it.
    let late = province.commune("xã Ngọk Réo").await;
    eventually("the newcomer knows that it was recalled", async || {
        status(&late, &written.page, 410).await
    })
    .await;
    crawl_finds_nothing(&late).await;

    // Its authors read why, and may publish it mended.
    let list = newsroom.visitor.get("/quan-tri/bai-viet").await;
    list.must_say("Bị thu hồi");
    list.must_say(REASON);
    let mended = newsroom
        .revise(
            &written,
            "Danh sách đã bỏ thông tin cá nhân",
            "Bỏ thông tin cá nhân.",
        )
        .await;
    eventually("its own site shows the mended one", async || {
        status(&origin, &mended.page, 200).await
    })
    .await;
    // Elsewhere somebody decides anew.
    province
        .hub
        .staff()
        .await
        .finds_in_inbox(&mended.title)
        .await;
}

async fn an_erasure_reaches_its_author_as_well(hub: Backend) {
    let province = Province::found(hub).await;
    let origin = province.commune("xã Kon Braih").await;
    let newsroom = origin.staff().await;
    let written = newsroom.publish(&secret()).await;
    province.hub.staff().await.accept(&written.title).await;
    let picture = picture_of(&origin.visitor().get(&written.page).await.body);

    recall(&province, &written, &["--erase"]).await;
    for site in [&origin.server, &province.hub] {
        gone(site, &written, &picture).await;
        crawl_finds_nothing(site).await;
    }
    let list = newsroom.visitor.get("/quan-tri/bai-viet").await;
    list.must_say("Tỉnh đã xóa hẳn bài này");
    list.without(CANARY).expect("not even its draft is left");
    let records = [origin.records().await, province.records().await];
    for records in records {
        for table in ["contents", "entries", "placements"] {
            assert_eq!(records.rows_saying(table, CANARY), 0, "{table}");
        }
    }
    let again = province
        .hub
        .run(&["recall", &written.page, "--reason", REASON, "--yes"])
        .await;
    assert!(
        again
            .expect_err("once is enough")
            .contains("đã được thu hồi")
    );
}

async fn a_recall_overtakes_a_backlog(hub: Backend) {
    const BACKLOG: usize = 25;
    let province = Province::found(hub).await;
    let mut member = province.commune("xã Kon Braih").await;
    let desk = province.hub.staff().await;
    let written = desk.publish(&secret_notice()).await;
    eventually("the member shows it", async || {
        status(&member, &written.page, 200).await
    })
    .await;
    member.stop().await;
    for number in 1..=BACKLOG {
        let title = format!("Thông báo số {number} trong lúc mất điện");
        desk.publish(&Text::notice(title)).await;
    }
    recall_at_the_desk(&province, &written).await;

    member.start().await;
    // The very first thing a reader sees.
    let page = member.visitor().get(&written.page).await;
    assert_eq!(page.status, 410, "before any of the backlog");
    assert!(page.says(REASON), "{}", page.body);
    eventually("the backlog follows", async || {
        member
            .visitor()
            .get("/thong-bao")
            .await
            .showing(&format!("Thông báo số {BACKLOG} trong"))
    })
    .await;
}

async fn a_recall_that_was_a_mistake_is_taken_back_and_its_author_publishes_again(hub: Backend) {
    let province = Province::found(hub).await;
    let origin = province.commune("xã Kon Braih").await;
    let newsroom = origin.staff().await;
    let written = newsroom
        .publish(&Text::article("Lịch khám bệnh lưu động"))
        .await;
    let desk = province.hub.staff().await;
    desk.accept(&written.title).await;
    let case = recall_at_the_desk(&province, &written).await;
    eventually("its author has taken it down", async || {
        status(&origin, &written.page, 410).await
    })
    .await;

    let form = desk.visitor.get(&case).await.form("lift-form");
    let unsaid = desk.visitor.submit(form, "").await;
    assert_eq!(unsaid.status, 422, "somebody has to say why");
    let form = unsaid.form("lift-form").with("why", "Thu hồi nhầm bài.");
    let done = desk.visitor.submit(form, "").await;
    done.must_say("Đã rút lệnh thu hồi");

    eventually("its author shows it again", async || {
        status(&origin, &written.page, 200).await
    })
    .await;
    let list = newsroom.visitor.get("/quan-tri/bai-viet").await;
    list.must_say("Đã đăng");
    // Elsewhere somebody decides anew, and the province sees that it is back.
    desk.finds_in_inbox(&written.title).await;
    let page = desk.visitor.get(&case).await;
    page.must_say("Đơn vị viết bài đã đăng lại");
    let again = desk.visitor.get("/quan-tri/thu-hoi").await;
    again.must_say("Đã rút lệnh, bài đã trở lại");
}

// ---- the people ------------------------------------------------------------------------------

fn secret() -> Text {
    Text {
        picture: Some("Danh sách chụp lại"),
        lead: format!("Danh sách có số căn cước {CANARY}."),
        body: format!("Nội dung có {CANARY} và số điện thoại của bà con."),
        ..Text::article(format!("Danh sách hộ nhận hỗ trợ {CANARY}"))
    }
}

fn secret_notice() -> Text {
    Text {
        lead: format!("Thông báo có {CANARY}."),
        body: format!("Nội dung có {CANARY}."),
        ..Text::notice(format!("Thông báo đăng nhầm {CANARY}"))
    }
}

async fn recall(province: &Province, written: &Written, more: &[&str]) {
    let page = province.hub.address(&written.page);
    let mut arguments = vec!["recall", page.as_str(), "--reason", REASON, "--yes"];
    arguments.extend(more);
    province
        .hub
        .command_says(&arguments)
        .await
        .contains("Đã thu hồi")
        .then_some(())
        .expect("the command says so");
}

/// The same at the desk: which entry, why, and that it is the right one. The page of the recall.
async fn recall_at_the_desk(province: &Province, written: &Written) -> String {
    let visitor = province.hub.staff().await.visitor;
    let entry = province.hub.address(&written.page);
    let form = || async {
        let address = format!("/quan-tri/thu-hoi/moi?bai={entry}");
        let page = visitor.get(&address).await;
        page.form("recall-form").with("reason", REASON)
    };
    let unsure = visitor.submit(form().await, "").await;
    assert_eq!(unsure.status, 422, "nobody recalls by accident");
    let first = written.title.split(' ').next().expect("a word");
    for words in [&format!("Hãy gõ chữ “{first}”"), &written.title] {
        assert!(unsure.says(words), "{words}: {}", unsure.body);
    }
    let sure = form().await.with("word", first);
    let done = visitor.submit(sure, "").await;
    done.must_say("Đã thu hồi; lệnh đang tới từng trang.");
    done.must_say(REASON);
    done.path
}

// ---- what a stranger finds ---------------------------------------------------------------------

/// Every public surface of a site, by the addresses it gives itself.
async fn surfaces(visitor: &Visitor) -> Vec<String> {
    let mut found: Vec<String> = [
        "/",
        "/tin-tuc",
        "/thong-bao",
        "/van-ban",
        "/rss",
        "/atom",
        "/feed.json",
        "/sitemap.xml",
        "/robots.txt",
        "/v1/outbox?stream=00000000-0000-0000-0000-000000000000&urgent=0&regular=0&wait=0",
        "/v1/logs/00000000-0000-0000-0000-000000000000?after=0",
        "/v1/openapi.json",
    ]
    .map(str::to_owned)
    .to_vec();
    found.push(format!("/tim-kiem?q={CANARY}"));
    let mut next = 0;
    while next < found.len() && found.len() < 400 {
        let page = visitor.get(&found[next]).await;
        next += 1;
        for path in addresses_in(&page.body) {
            let is_public = !path.starts_with("/quan-tri") && !path.starts_with("/tai-nguyen");
            if is_public && !path.starts_with("/hien-thi") && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// The paths a document names, whatever it is written in.
fn addresses_in(document: &str) -> Vec<String> {
    let ends = ['"', '<', '>', '\'', ' ', ')', '\\'];
    let mut paths = Vec::new();
    for (before, skip) in [("href=\"/", 6), ("src=\"/", 5)] {
        for (at, _) in document.match_indices(before) {
            let rest = &document[at + skip..];
            paths.extend(rest.split(ends).next().map(str::to_owned));
        }
    }
    for (at, _) in document.match_indices("http://") {
        let rest = document[at + 7..].split(ends).next().unwrap_or_default();
        if let Some(path) = rest.find('/') {
            paths.push(rest[path..].to_owned());
        }
    }
    paths.retain(|path| !path.contains("#"));
    paths
        .iter_mut()
        .for_each(|path| *path = path.replace("&amp;", "&"));
    paths
}

/// The surfaces of a site that say something of it.
async fn saying_it(site: &Server) -> Vec<String> {
    let visitor = site.visitor();
    let mut saying = Vec::new();
    for path in surfaces(&visitor).await {
        let page = visitor.get(&path).await;
        let asks_for_it = path.contains("/tim-kiem");
        let said = page.body.to_lowercase().matches(CANARY).count();
        // The search page repeats what was asked, and finds nothing.
        let repeats = page.link(CANARY).is_none();
        if said > 0 && !(asks_for_it && repeats) {
            saying.push(path);
        }
    }
    saying
}

async fn crawl_finds_it(site: &Server) {
    eventually("the crawl finds it", async || {
        let saying = saying_it(site).await;
        let everywhere = ["/", "/atom", "/rss", "/feed.json"];
        match everywhere
            .iter()
            .find(|path| !saying.iter().any(|said| said == *path))
        {
            None => Ok(()),
            Some(path) => Err(format!("not in {path}, but in {saying:?}")),
        }
    })
    .await;
}

async fn crawl_finds_nothing(site: &Server) {
    let saying = saying_it(site).await;
    assert_eq!(saying, [""; 0], "{} still says it", site.base_url());
}

async fn gone(site: &Server, written: &Written, picture: &str) {
    let page = eventually("the page is gone", async || {
        status(site, &written.page, 410).await?;
        Ok::<_, String>(site.visitor().get(&written.page).await)
    })
    .await;
    assert!(page.says(REASON), "{}", page.body);
    assert!(!page.says(CANARY), "not even its title is left");
    let header = |name: &str| page.headers[name].to_str().unwrap_or_default().to_owned();
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("clear-site-data"), "\"cache\"");
    eventually("the picture is gone", async || {
        status(site, picture, 410).await
    })
    .await;
}

async fn status(site: &Server, path: &str, expected: u16) -> Result<(), String> {
    let page = site.visitor().get(path).await;
    if page.status == expected {
        Ok(())
    } else {
        Err(format!("{} answers {}", site.address(path), page.status))
    }
}

fn picture_of(html: &str) -> String {
    let (_, rest) = html.split_once("/media/sha256/").expect("a picture");
    let hash: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    format!("/media/sha256/{hash}")
}
