//! What citizens meet, on the demo province as the README starts it: every link leads somewhere, every kind of page
//! is light, quiet, narrow enough, and open to who does not see or use a mouse.

use super::keyboard;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tests::browser::{Browser, OFFICE_WIDTH, WIDTH};
use tests::demo::Demo;
use tests::{Visitor, bounded, measured};
use url::Url;

/// How often a page whose pictures weigh too much is opened anew.
const LOOKS_AGAIN: usize = 3;
/// More pages than a site of the demo has.
const MOST_PAGES: usize = 500;

/// The rules of WCAG 2.2 AA that a program can check.
const AXE: &str = include_str!("../../axe/axe.min.js");
const LOOK: &str = "
    const done = arguments[arguments.length - 1];
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(
        (seen) => done(seen.violations.map((found) =>
            `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)),
        (error) => done([`axe: ${error}`]),
    );";

/// What came over the line for the page as it stands.
const WEIGH: &str = "
    const page = performance.getEntriesByType('navigation')[0];
    const kind = (entry) => /\\.css(\\?|$)/.test(entry.name) ? 'style'
        : /\\.js(\\?|$)/.test(entry.name) ? 'script'
        : /\\.woff2(\\?|$)/.test(entry.name) ? 'font' : 'picture';
    const of = (entry, what) => ({ name: entry.name, kind: what, bytes: entry.encodedBodySize });
    return [of(page, 'page'), ...performance.getEntriesByType('resource').map((entry) => of(entry, kind(entry)))];";

/// Something that was loaded.
#[derive(Debug, Deserialize)]
struct Loaded {
    name: String,
    kind: String,
    bytes: u64,
}

/// What the first look at a page may cost on a telephone, in kibibytes as they travel.
#[derive(Clone, Copy, Debug)]
struct Budget {
    total: u64,
    page: u64,
    largest_picture: u64,
    requests: usize,
}

const STYLE: u64 = 16;
const SCRIPT: u64 = 8;
const FONTS: u64 = 68;

const READING: Budget = Budget {
    total: 200,
    page: 15,
    largest_picture: 90,
    requests: 15,
};
/// Pictures are what one comes for; those further down load when they are reached.
const ALBUM: Budget = Budget {
    total: 450,
    page: 15,
    largest_picture: 90,
    requests: 20,
};
const FRONT: Budget = Budget {
    total: 300,
    page: 25,
    largest_picture: 90,
    requests: 30,
};
const LIST: Budget = Budget {
    total: 150,
    page: 20,
    largest_picture: 30,
    requests: 25,
};

/// The pages there is one of, of any site.
const ALWAYS: [(&str, Budget); 16] = [
    ("/", FRONT),
    ("/tin-tuc", LIST),
    ("/van-ban", LIST),
    ("/thong-bao", LIST),
    ("/du-thao", LIST),
    ("/hoi-dap", LIST),
    ("/lich-cong-tac", LIST),
    ("/thu-vien", FRONT),
    ("/gioi-thieu", LIST),
    ("/tim-kiem?q=kon+ray", LIST),
    ("/hien-thi", LIST),
    ("/hoi-dap/gui", LIST),
    ("/phan-anh/gui", LIST),
    ("/to-giac", LIST),
    ("/tra-cuu", LIST),
    ("/xac-minh", LIST),
];

/// The beginnings of the pages of which one is looked at.
const EACH: [&str; 8] = [
    "/bai-viet/",
    "/van-ban/",
    "/thong-bao/",
    "/du-thao/",
    "/hoi-dap/",
    "/lich-cong-tac/",
    "/thu-vien/anh/",
    "/thu-vien/video/",
];

/// The kinds of pages that are gone through without a mouse: the longest, one to read, one to fill in, one to search.
const BY_KEYBOARD: [&str; 4] = ["/", "/bai-viet/", "/phan-anh/gui", "/tim-kiem?q=kon+ray"];

#[tokio::test]
async fn the_demo_is_open_to_everybody() {
    bounded(async {
        let demo = Demo::stand().await;
        let member = &demo.members[0];
        let mut flaws = Vec::new();
        let mut kinds: BTreeMap<String, (Url, Budget)> = BTreeMap::new();
        for site in [&demo.hub, member] {
            let seen = follow(site, &mut flaws).await;
            measured(
                "demo",
                &format!("{} pages of {site} without a dead link", seen.len()),
            );
            for (path, budget) in ALWAYS {
                let page = site.join(path).expect("an address");
                kinds.insert(format!("{site}{path}"), (page, budget));
            }
        }
        for beginning in EACH {
            let page = first_of(beginning, &demo.members).await;
            let page = page.unwrap_or_else(|| panic!("the demo shows none of {beginning}"));
            let budget = if beginning == "/thu-vien/anh/" {
                ALBUM
            } else {
                READING
            };
            kinds.insert(beginning.to_owned(), (page, budget));
        }
        let hub_only = demo.hub.join("/don-vi").expect("an address");
        kinds.insert("/don-vi".to_owned(), (hub_only, LIST));

        for width in [WIDTH, OFFICE_WIDTH] {
            let browser = Browser::open_wide(width).await;
            // What a worker hands on is weighed unpacked.
            browser.passes_over_workers().await;
            for (page, budget) in kinds.values() {
                browser.opens(page.as_str()).await;
                flaws.extend(browser.flaws().await);
                if width == WIDTH {
                    flaws.extend(weighed(&browser, page, *budget).await);
                }
                flaws.extend(closed_to_some(&browser, page).await);
            }
            for kind in BY_KEYBOARD {
                let of_kind = kinds.get(kind);
                let (page, _) = of_kind.unwrap_or_else(|| &kinds[&format!("{member}{kind}")]);
                flaws.extend(keyboard::flaws(&browser, page.as_str()).await);
            }
            // White on black, and letters as large as they go.
            for site in [&demo.hub, member] {
                for choice in ["co=5", "tuong-phan=cao"] {
                    let address = site.join(&format!("/hien-thi?{choice}&ve=/"));
                    browser.opens(address.expect("an address").as_str()).await;
                }
            }
            for (page, _) in kinds.values() {
                browser.opens(page.as_str()).await;
                flaws.extend(browser.flaws().await);
                flaws.extend(closed_to_some(&browser, page).await);
            }
            browser.closes().await;
        }
        assert!(flaws.is_empty(), "{} flaws: {flaws:#?}", flaws.len());
    })
    .await;
}

/// Opens one page after another as the links lead; the paths there are. What does not answer is a flaw.
async fn follow(site: &Url, flaws: &mut Vec<String>) -> BTreeSet<String> {
    let visitor = Visitor::at(site);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut opened = 0;
    while let Some(path) = waiting.pop_front() {
        opened += 1;
        assert!(
            opened <= MOST_PAGES,
            "more pages than expected, or links without end: {path}"
        );
        let page = visitor.get(&path).await;
        if page.status != 200 {
            flaws.push(format!("{site} {path} answers {}", page.status));
            continue;
        }
        let here = site.join(&path).expect("an address");
        for link in tests::forms::links(&page.body) {
            let Ok(there) = here.join(&link.href) else {
                flaws.push(format!("{here}: no address: {}", link.href));
                continue;
            };
            if there.origin() != site.origin() || is_no_page(there.path()) {
                continue;
            }
            let path = there[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
            if seen.insert(path.clone()) {
                waiting.push_back(path);
            }
        }
    }
    seen
}

/// The first page whose path begins so and that a list of the same name leads to, on whichever site has one.
async fn first_of(beginning: &str, sites: &[Url]) -> Option<Url> {
    let list = match beginning {
        "/bai-viet/" => "/tin-tuc",
        other => other.trim_end_matches('/'),
    };
    for site in sites {
        let page = Visitor::at(site).get(list).await;
        let mut links = tests::forms::links(&page.body).into_iter();
        if let Some(link) = links.find(|link| link.href.starts_with(beginning)) {
            return site.join(&link.href).ok();
        }
    }
    None
}

/// What changes something, is for staff, or is a file.
fn is_no_page(path: &str) -> bool {
    ["/hien-thi", "/quan-tri", "/media/", "/tep/"]
        .iter()
        .any(|beginning| path.starts_with(beginning))
}

/// What makes a page cost more than it may. On a busy machine a new renderer may hear late that it is a telephone, and
/// ask for the pictures of a wide window: where they weigh too much the page is opened anew, with nothing kept that a
/// browser would rather show than ask for a smaller one, and all of it has to be light then. Nothing else is looked at
/// twice.
async fn weighed(browser: &Browser, page: &Url, budget: Budget) -> Vec<String> {
    let first = overweight(browser, page, budget).await;
    let mut flaws = first.at_any_width;
    let mut by_pictures = first.by_pictures;
    for _ in 0..LOOKS_AGAIN {
        if by_pictures.is_empty() {
            break;
        }
        browser.forgets_what_it_loaded().await;
        browser.opens(page.as_str()).await;
        let again = overweight(browser, page, budget).await;
        flaws.extend(again.at_any_width);
        by_pictures = again.by_pictures;
    }
    flaws.extend(by_pictures);
    flaws
}

/// What is too much of a page.
struct Overweight {
    /// Of what does not depend on the width of the window.
    at_any_width: Vec<String>,
    /// Of pictures, and of all with them.
    by_pictures: Vec<String>,
}

/// What makes the look at a page as it stands cost more than it may.
async fn overweight(browser: &Browser, page: &Url, budget: Budget) -> Overweight {
    let loaded = browser.ask(WEIGH).await;
    let loaded: Vec<Loaded> = serde_json::from_value(loaded).expect("what was loaded");
    let sum = |kind: &str| -> u64 {
        let of_kind = loaded.iter().filter(|one| one.kind == kind);
        of_kind.map(|one| one.bytes).sum()
    };
    let pictures = loaded.iter().filter(|one| one.kind == "picture");
    let largest = pictures.max_by_key(|one| one.bytes);
    let picture = largest.map_or("no picture", |one| &one.name);
    let largest = largest.map_or(0, |one| one.bytes);
    let total = loaded.iter().map(|one| one.bytes).sum();
    let beyond = |limits: &[(&str, u64, u64)]| -> Vec<String> {
        let beyond = limits
            .iter()
            .filter(|(_, bytes, most)| *bytes > most * 1024);
        beyond
            .map(|(what, bytes, most)| format!("{page}: {what}: {bytes} bytes, not {most} KiB"))
            .collect()
    };
    let by_pictures = beyond(&[
        ("all", total, budget.total),
        (picture, largest, budget.largest_picture),
    ]);
    let mut at_any_width = beyond(&[
        ("the page itself", sum("page"), budget.page),
        ("style", sum("style"), STYLE),
        ("script", sum("script"), SCRIPT),
        ("fonts", sum("font"), FONTS),
    ]);
    if loaded.len() > budget.requests {
        at_any_width.push(format!(
            "{page}: {} requests, not {}",
            loaded.len(),
            budget.requests
        ));
    }
    for one in &loaded {
        let from = Url::parse(&one.name).expect("an address");
        if from.scheme() != "data" && from.origin() != page.origin() {
            at_any_width.push(format!("{page} asks {from}"));
        }
    }
    measured(
        "weight",
        &format!(
            "{}: {} requests, {} KiB",
            page.path(),
            loaded.len(),
            total.div_ceil(1024)
        ),
    );
    Overweight {
        at_any_width,
        by_pictures,
    }
}

/// What is in the way of who does not see it, or uses no mouse.
async fn closed_to_some(browser: &Browser, page: &Url) -> Vec<String> {
    let found = browser.waits_for(&format!("{AXE}\n{LOOK}")).await;
    let found: Vec<String> = serde_json::from_value(found).expect("what was found");
    found
        .into_iter()
        .map(|flaw| format!("{page}: {flaw}"))
        .collect()
}
