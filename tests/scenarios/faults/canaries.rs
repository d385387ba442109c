//! Words that are nobody else's business, looked for everywhere: in every page, feed, interface, search,
//! header and log, in every role, at every site, before and after they are withdrawn.

use reqwest::header::HeaderMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tests::forms::links;
use tests::newsroom::shaded;
use tests::{
    Backend, Page, Province, Server, Staff, Text, Visitor, Written, eventually, measured,
    signing_in, visitor,
};

on_both_databases! {
    what_is_not_published_is_nowhere
}

/// More pages than a site of this story has, as it is crawled.
const MOST_PAGES: usize = 400;
/// So many addresses that differ in what follows the question mark alone are opened of those that links lead to: a
/// table sorted in all its ways, every word that was searched for.
const ALIKE: usize = 20;

/// Words of which each may be seen by a few only.
struct Canary {
    word: String,
    /// Sites whose newsrooms may know it.
    newsrooms: Vec<&'static str>,
    /// Whether the public may.
    is_public: bool,
}

async fn what_is_not_published_is_nowhere(hub: Backend) {
    let province = Province::found(hub).await;
    let origin = province.commune("xã Kon Braih").await;
    let neighbour = province.commune("xã Đăk Kôi").await;
    let desk = origin.staff().await;
    let editor = province.hub.staff().await;

    let mut canaries = Vec::new();
    let mut canary = |state: &str, newsrooms: &[&'static str], is_public| {
        let word = format!("chimbao{state}");
        canaries.push(Canary {
            word: word.clone(),
            newsrooms: newsrooms.to_vec(),
            is_public,
        });
        word
    };

    // Published, to see that the crawl sees anything at all.
    let seen = canary("congkhai", &["origin", "hub", "neighbour"], true);
    let published = desk.publish(&about(&seen)).await;
    editor.accept(&title(&seen)).await;
    neighbour.staff().await.accept(&title(&seen)).await;
    // A draft that nobody but its newsroom knows of.
    let draft = canary("nhap", &["origin"], false);
    desk.save(&about(&draft)).await;
    // Handed in; approved and set for a day to come: its newsroom alone knows.
    let submitted = canary("guiduyet", &["origin"], false);
    desk.submit(&about(&submitted)).await;
    let timed = canary("hengio", &["origin"], false);
    let day_to_come = shared::clock::Clock::system().now() + chrono::TimeDelta::days(30);
    let day_to_come = day_to_come.format("%d/%m/%Y").to_string();
    desk.schedule(&about(&timed), &day_to_come).await;
    // In every other state it can have on its way, and with what was said of it there.
    let mended = canary("cansua", &["origin"], false);
    let said = canary("loinhan", &["origin"], false);
    let path = desk.submit(&about(&mended)).await;
    desk.wants_mended(&path, &format!("Sửa {said}.")).await;
    let proposed = canary("trinhduyet", &["origin"], false);
    let path = desk.submit(&about(&proposed)).await;
    let looking = origin.sign_in(origin.account("editor").await).await;
    looking
        .passes_on(&path, "propose")
        .await
        .must_say("Đã trình duyệt");
    let approved = canary("daduyet", &["origin"], false);
    let path = desk.schedule(&about(&approved), &day_to_come).await;
    desk.passes_on(&path, "unschedule")
        .await
        .must_say("Đã bỏ hẹn giờ");
    let held = canary("sangloc", &["origin"], false);
    let private = Text {
        body: format!("Nội dung {held}. Ông A, số căn cước 001203004567."),
        ..about(&held)
    };
    desk.save(&private).await;
    let archived = canary("luutru", &["origin", "hub"], false);
    let put_away = desk.publish(&about(&archived)).await;
    desk.withdraw(&put_away, "Đăng nhầm.").await;
    desk.passes_on(&put_away.form, "archive")
        .await
        .must_say("Đã cất");
    is_gone_everywhere(&[&origin.server], &put_away).await;
    // What is public keeps a mending to itself until that is published as well.
    let mending = canary("dangsua", &["origin"], false);
    let form = desk.opens(&published.form).await;
    desk.keep(form.with("title", &title(&mending))).await;
    // A picture is seen by those who write, in every size, until a text with it is published.
    let pictures = drafted_picture(&desk).await;
    // Published by a commune, waiting in the inbox of the province: the commune's public sees it.
    let waiting = canary("cho", &["origin", "hub"], false);
    desk.publish(&about(&waiting)).await;
    editor.finds_in_inbox(&title(&waiting)).await;
    // Sent back with a reason: the reason is between the two newsrooms.
    let returned = canary("tralai", &["origin", "hub"], false);
    desk.publish(&about(&returned)).await;
    let reason = canary("lydo", &["origin", "hub"], false);
    editor
        .send_back(&title(&returned), &format!("Lý do {reason}."))
        .await;
    eventually("its authors read the reason", async || {
        desk.sent().await.showing(&reason)
    })
    .await;
    // Published everywhere and taken back everywhere.
    let withdrawn = canary("dago", &["origin", "hub", "neighbour"], false);
    let gone = desk.publish(&about(&withdrawn)).await;
    editor.accept(&title(&withdrawn)).await;
    neighbour.staff().await.accept(&title(&withdrawn)).await;
    desk.withdraw(&gone, "Đăng nhầm.").await;
    is_gone_everywhere(&[&origin.server, &province.hub, &neighbour.server], &gone).await;

    let sites = [
        ("origin", &origin.server),
        ("hub", &province.hub),
        ("neighbour", &neighbour.server),
    ];
    let (mut surfaces, mut seen_wrongly) = (0, Vec::new());
    let mut found_published = BTreeSet::new();
    for (name, server) in sites {
        for role in [None, Some("contributor"), Some("approver")] {
            let visitor = match role {
                None => server.visitor(),
                Some(role) => signed_in(server, role).await,
            };
            let words: Vec<&str> = canaries.iter().map(|canary| canary.word.as_str()).collect();
            for path in &pictures {
                surfaces += 1;
                let seen = visitor.get(path).await.status;
                let expected = if role.is_some() && name == "origin" {
                    200
                } else {
                    404
                };
                if seen != expected {
                    seen_wrongly.push(format!("{path} answers {seen} at {name} as {role:?}"));
                }
            }
            for page in crawl(&visitor, &words, &gone, &published).await {
                surfaces += 1;
                let told = format!("{}\n{}", in_words(&page.headers), page.body);
                for canary in canaries
                    .iter()
                    .filter(|canary| is_told(&told, canary, &page.path))
                {
                    let is_inside = role.is_some() && canary.newsrooms.contains(&name);
                    // A commune shows the public what it published, whatever the province thinks of it.
                    let is_own =
                        name == "origin" && (canary.word == waiting || canary.word == returned);
                    if canary.is_public {
                        found_published.insert((name, role));
                    } else if !is_inside && !is_own {
                        seen_wrongly.push(format!(
                            "{} at {name} as {role:?}: {}",
                            canary.word, page.path
                        ));
                    }
                }
            }
        }
        // What was written is in no log and no figure.
        let figures = server.operator().get("/metrics").await;
        for canary in &canaries {
            surfaces += 2;
            if is_told(&server.log(), canary, &canary.word) {
                seen_wrongly.push(format!("{} in the log of {name}", canary.word));
            }
            if figures.says(&canary.word) {
                seen_wrongly.push(format!("{} in the figures of {name}", canary.word));
            }
        }
    }
    // What goes over the wire to a member that did not publish it.
    let stranger = province.faulty_peer("xã Đăk Rve").await;
    for batch in stranger.ask().await {
        surfaces += 1;
        let told = serde_json::to_string(&batch.items).expect("JSON");
        // What was withdrawn reaches newcomers as a part of the history, before its withdrawal.
        let kept = |canary: &&Canary| !canary.is_public && canary.word != withdrawn;
        for canary in canaries.iter().filter(kept) {
            if told.contains(&canary.word) {
                seen_wrongly.push(format!("{} over the wire to a stranger", canary.word));
            }
        }
    }
    // What was never sent is in no other database.
    for (name, records) in [
        ("hub", province.records().await),
        ("neighbour", neighbour.records().await),
    ] {
        for table in ["contents", "entries"] {
            surfaces += 1;
            if records.rows_saying(table, &draft) > 0 {
                seen_wrongly.push(format!("a draft in {table} of {name}"));
            }
        }
    }
    seen_wrongly.sort();
    seen_wrongly.dedup();
    assert_eq!(seen_wrongly, Vec::<String>::new());
    assert_eq!(
        found_published.len(),
        9,
        "the crawl sees what is public: {found_published:?}"
    );
    measured(
        "G19",
        &format!(
            "{hub:?}: {surfaces} surfaces at 3 sites in 3 roles crawled for {} canaries, 0 seen where they must not be",
            canaries.len()
        ),
    );
}

/// The paths of a picture that stands in a draft: as it is, and in sizes of pages.
async fn drafted_picture(desk: &Staff) -> Vec<String> {
    let picture = visitor::file("anh.png", "image/png", shaded(17));
    let blank = desk.blank().await.with("title", "Bài có ảnh");
    let kept = desk.keep(blank.with_part("picture", picture)).await;
    let kept = kept.value("picture_kept").expect("a picture").to_owned();
    let (_, hex) = kept.rsplit_once("/media/sha256/").unwrap_or(("", &kept));
    let whole = format!("/media/sha256/{hex}");
    let sizes = ["320.jpg", "320.webp"].map(|size| format!("{whole}/{size}"));
    [whole].into_iter().chain(sizes).collect()
}

/// Whether a text gives a canary away to somebody who asked for `path`. Who names the word in an address,
/// as whoever searches for it does, learns nothing from reading it again.
fn is_told(text: &str, canary: &Canary, path: &str) -> bool {
    let word = &canary.word;
    if !path.contains(word.as_str()) {
        return text.contains(word.as_str());
    }
    let phrases = [
        title(word),
        format!("Lời dẫn {word}"),
        format!("Nội dung {word}"),
        format!("Lý do {word}"),
        format!("Sửa {word}"),
    ];
    phrases.iter().any(|phrase| text.contains(phrase.as_str()))
}

fn title(word: &str) -> String {
    format!("Tin có chữ {word}")
}

fn about(word: &str) -> Text {
    Text {
        lead: format!("Lời dẫn {word}."),
        body: format!("Nội dung {word}."),
        ..Text::article(title(word))
    }
}

async fn is_gone_everywhere(servers: &[&Server], gone: &Written) {
    for server in servers {
        eventually("it is gone", async || {
            match server.visitor().get(&gone.page).await.status {
                410 => Ok(()),
                status => Err(status),
            }
        })
        .await;
    }
}

async fn signed_in(server: &Server, role: &str) -> Visitor {
    let (login, visitor) = (server.account(role).await, server.visitor());
    signing_in::comes_in(&visitor, &login).await;
    visitor
}

/// Every page that can be reached by a link, and every address that is known.
pub(super) async fn crawl(
    visitor: &Visitor,
    words: &[&str],
    gone: &Written,
    published: &Written,
) -> Vec<Page> {
    let mut to_see: VecDeque<String> = [
        "/",
        "/tin-tuc",
        "/van-ban",
        "/thong-bao",
        "/chuyen-muc/kinh-te",
        "/rss",
        "/atom",
        "/feed.json",
        "/chuyen-muc/kinh-te/rss",
        "/chuyen-muc/kinh-te/atom",
        "/chuyen-muc/kinh-te/feed.json",
        "/atom/luu-tru/1",
        "/sitemap.xml",
        "/sitemap/1.xml",
        "/robots.txt",
        "/v1/openapi.json",
        "/don-vi",
        "/v1/outbox",
        "/v1/inbox",
        "/v1/hello",
        "/khong-co-gi-o-day",
        "/tai-nguyen/x/y",
        "/quan-tri",
        "/quan-tri/bai-viet",
        "/quan-tri/hop-den",
        "/quan-tri/da-gui",
        "/quan-tri/don-vi",
    ]
    .map(str::to_owned)
    .into();
    to_see.extend(words.iter().map(|word| format!("/tim-kiem?q={word}")));
    to_see.extend([gone.page.clone(), published.page.clone(), gone.form.clone()]);
    let mut known: BTreeSet<String> = to_see.iter().cloned().collect();
    let mut pages = Vec::new();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = to_see.pop_front() {
        assert!(pages.len() < MOST_PAGES, "the links have no end: {path}");
        let page = visitor.get(&path).await;
        let in_xml = page
            .body
            .split("<loc>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next());
        let in_xml: Vec<String> = in_xml.map(str::to_owned).collect();
        for href in links(&page.body)
            .into_iter()
            .map(|link| link.href)
            .chain(in_xml)
        {
            if let Some(path) = within(visitor, &page.path, &href)
                && !path.contains("dang-xuat")
                // The same pages once more, in other colours.
                && !path.starts_with("/hien-thi")
                && known.insert(path.clone())
            {
                if let Some((beginning, _)) = path.split_once('?') {
                    let met = alike.entry(beginning.to_owned()).or_default();
                    *met += 1;
                    if *met > ALIKE {
                        continue;
                    }
                }
                to_see.push_back(path);
            }
        }
        pages.push(page);
    }
    pages
}

/// The path of a link, if it leads to the same site.
fn within(visitor: &Visitor, page: &str, href: &str) -> Option<String> {
    let mut url = visitor.site().join(page).ok()?.join(href).ok()?;
    url.set_fragment(None);
    let is_ours = url.origin() == visitor.site().origin();
    is_ours.then(|| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

pub(super) fn in_words(headers: &HeaderMap) -> String {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    lines.collect::<Vec<_>>().join("\n")
}
