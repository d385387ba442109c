//! `/`: the newest of everything.

use super::cards::{Cards, section_path};
use super::frame::Around;
use super::json_ld;
use super::section::{FROM_OTHERS_HEADING, FROM_OTHERS_PATH};
use super::templates::{FrontBlock, FrontPage, FrontRow};
use super::view::{BannerCard, JsonLd, Link, LinkGroup, SharedBlock};
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::listing::{self, Filter, Listed};
use crate::error::Result;
use crate::face::{Block, Column, Shown, WebLink};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use std::sync::Arc;

/// How many articles stand under the one that leads.
const NEWEST: usize = 6;
/// How many lines a narrow list has.
const LINES: u64 = 6;
/// How many entries of other sites are shown; four fit a row.
const SHARED: usize = 4;
/// How many of a section are shown.
const OF_SECTION: u64 = 4;
/// How many of the most read are named.
const MOST_READ: usize = 5;

/// The page. What it does not show is not asked for.
pub async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    around.frame.head.canonical = Some(site.address("/"));
    around.frame.head.json_ld = Some(JsonLd::new(&json_ld::organisation(&site)));

    let db = site.db.reader();
    let time = site.clock.now();
    let now = time.timestamp_millis();
    let shown = site.face.get();
    let has = |block: &Block| shown.face.has(block);
    let articles = Filter::of_kind(Kind::Article);
    let featured = Filter {
        featured: true,
        ..articles.clone()
    };
    let from_others = Filter {
        from_others_than: Some(site.id),
        ..articles.clone()
    };
    let notices = Filter {
        in_force_at: Some(now),
        ..Filter::of_kind(Kind::Notice)
    };
    let documents = Filter::of_kind(Kind::Document);
    let questions = Filter::of_kind(Kind::Question);
    let newest = some(db, has(&Block::Newest), &articles, NEWEST as u64 + 1).await?;
    let featured = some(db, has(&Block::Newest), &featured, 1).await?.pop();
    let notices = some(db, has(&Block::Notices), &notices, LINES).await?;
    let documents = some(db, has(&Block::Documents), &documents, LINES).await?;
    let questions = some(db, has(&Block::Questions), &questions, LINES).await?;
    let most = (NEWEST + 1 + SHARED) as u64;
    let from_others = some(db, has(&Block::FromOthers), &from_others, most).await?;
    let of_sections = of_sections(&site, &around, &shown.face.blocks, now).await?;

    let (leading, newest) = leading(featured, newest);
    let above: Vec<_> = newest
        .iter()
        .chain(&leading)
        .map(|one| one.entry.id)
        .collect();
    let shared: Vec<_> = from_others
        .into_iter()
        .filter(|one| !above.contains(&one.entry.id))
        .take(SHARED)
        .collect();
    let named = leading.iter().chain(&newest).chain(&shared);
    let named = named.chain(of_sections.values().flatten());
    let cards = Cards::of(&site, &around.sections, named).await?;
    let most_read = match has(&Block::MostRead) {
        true => most_read(&site).await?,
        false => Vec::new(),
    };
    let page = FrontPage {
        featured: leading.as_ref().map(|one| cards.entry(one)),
        newest: newest.iter().map(|one| cards.entry(one)).collect(),
        newest_url: "/tin-tuc".to_owned(),
        notices: notices.iter().map(|one| cards.notice(one)).collect(),
        notices_url: "/thong-bao".to_owned(),
        documents: documents.iter().map(|one| cards.document(one)).collect(),
        documents_url: "/van-ban".to_owned(),
        shared: Some(SharedBlock {
            heading: FROM_OTHERS_HEADING.to_owned(),
            url: FROM_OTHERS_PATH.to_owned(),
            entries: shared.iter().map(|one| cards.entry(one)).collect(),
        }),
        most_read: most_read.iter().map(|one| cards.notice(one)).collect(),
        questions: questions.iter().map(|one| cards.notice(one)).collect(),
        banners: match has(&Block::Banners) {
            true => banners(&shown, vietnamese::local(time).date_naive()),
            false => Vec::new(),
        },
        links: link_groups(&shown.face.links),
        rows: rows(&shown.face.blocks, |code| {
            let entries = of_sections.get(code)?;
            Some(SharedBlock {
                heading: around.sections.get(code)?.name.clone(),
                url: section_path(code),
                entries: entries.iter().map(|one| cards.entry(one)).collect(),
            })
        }),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// The newest of `filter`, if they are shown.
async fn some<C: ConnectionTrait>(
    db: &C,
    are_shown: bool,
    filter: &Filter,
    most: u64,
) -> Result<Vec<Listed>> {
    match are_shown {
        true => listing::newest(db, filter, 0, most).await,
        false => Ok(Vec::new()),
    }
}

/// The newest of each section that has a block of its own.
async fn of_sections(
    site: &Site,
    around: &Around,
    blocks: &[Block],
    now: i64,
) -> Result<HashMap<String, Vec<Listed>>> {
    let mut found = HashMap::new();
    for block in blocks {
        let Block::Section(code) = block else {
            continue;
        };
        let filter = Filter {
            sections: around.sections.with_below(code),
            in_force_at: Some(now),
            ..Filter::default()
        };
        // A section that is no more would have no filter, and show everything.
        if filter.sections.is_empty() {
            continue;
        }
        let newest = listing::newest(site.db.reader(), &filter, 0, OF_SECTION).await?;
        if !newest.is_empty() {
            found.insert(code.clone(), newest);
        }
    }
    Ok(found)
}

fn banners(shown: &Shown, today: NaiveDate) -> Vec<BannerCard> {
    let cards = shown.banners(today).map(|(banner, picture)| BannerCard {
        picture,
        url: banner.link.clone(),
    });
    cards.collect()
}

/// Links by what stands above them: groups where the first of each was put.
fn link_groups(links: &[WebLink]) -> Vec<LinkGroup> {
    let mut groups: Vec<LinkGroup> = Vec::new();
    for link in links {
        let known = groups.iter().position(|group| group.heading == link.group);
        let place = known.unwrap_or_else(|| {
            groups.push(LinkGroup {
                heading: link.group.clone(),
                links: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place]
            .links
            .push(Link::new(&link.label, &link.address));
    }
    groups
}

/// The stretches of the page. Both columns stand where the first of their blocks does; what lies across
/// the page stands above or below them. A section that has nothing is left out.
fn rows(blocks: &[Block], section: impl Fn(&str) -> Option<SharedBlock>) -> Vec<FrontRow> {
    let mut rows = Vec::new();
    let mut columns = None;
    let (mut main, mut side) = (Vec::new(), Vec::new());
    for block in blocks {
        let part = match block {
            Block::Newest => FrontBlock::Newest,
            Block::Section(code) => match section(code) {
                Some(part) => FrontBlock::Section(part, code.clone()),
                None => continue,
            },
            Block::Notices => FrontBlock::Notices,
            Block::Documents => FrontBlock::Documents,
            Block::MostRead => FrontBlock::MostRead,
            Block::Questions => FrontBlock::Questions,
            Block::FromOthers => FrontBlock::FromOthers,
            Block::Banners => FrontBlock::Banners,
            Block::Links => FrontBlock::Links,
        };
        match block.column() {
            Column::Across => {
                rows.push(FrontRow::Across(part));
                continue;
            }
            Column::Main => main.push(part),
            Column::Side => side.push(part),
        }
        columns.get_or_insert(rows.len());
    }
    if let Some(place) = columns {
        rows.insert(place, FrontRow::Columns { main, side });
    }
    rows
}

/// What was read most in the last days, of what is still there to be read. Standing pages are asked for and
/// not chosen; what has ended is announced no longer.
async fn most_read(site: &Site) -> Result<Vec<Listed>> {
    let now = site.clock.now().timestamp_millis();
    let ranked = site.readership.most_read();
    let found = listing::find_many(site.db.reader(), &ranked).await?;
    let mut found: HashMap<_, _> = found
        .into_iter()
        .filter(|one| one.is_shown() && !one.entry.kind().is_standing())
        .filter(|one| one.entry.expires_at.is_none_or(|end| end > now))
        .map(|one| (one.entry.entry_id, one))
        .collect();
    let most = ranked.iter().filter_map(|id| found.remove(id));
    Ok(most.take(MOST_READ).collect())
}

/// The article at the head of the page and those under it: the one the editors chose, or else the
/// newest with a picture among the first few, or else the newest.
fn leading(chosen: Option<Listed>, mut newest: Vec<Listed>) -> (Option<Listed>, Vec<Listed>) {
    let place = match &chosen {
        Some(chosen) => newest
            .iter()
            .position(|one| one.entry.id == chosen.entry.id),
        None => newest
            .iter()
            .take(4)
            .position(|one| {
                one.picture
                    .as_ref()
                    .is_some_and(|picture| picture.is_here())
            })
            .or((!newest.is_empty()).then_some(0)),
    };
    let taken = place.map(|place| newest.remove(place));
    newest.truncate(NEWEST);
    (chosen.or(taken), newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page as words: `[main | side]` and what lies across it.
    fn told(blocks: &[Block]) -> String {
        let word = |block: &FrontBlock| match block {
            FrontBlock::Newest => "newest",
            FrontBlock::Section(_, _) => "section",
            FrontBlock::Notices => "notices",
            FrontBlock::Documents => "documents",
            FrontBlock::MostRead => "read",
            FrontBlock::Questions => "questions",
            FrontBlock::FromOthers => "others",
            FrontBlock::Banners => "banners",
            FrontBlock::Links => "links",
        };
        let words = |blocks: &[FrontBlock]| blocks.iter().map(word).collect::<Vec<_>>().join(" ");
        let known = |code: &str| (code == "co").then(SharedBlock::default);
        let rows = rows(blocks, known).into_iter().map(|row| match row {
            FrontRow::Columns { main, side } => format!("[{} | {}]", words(&main), words(&side)),
            FrontRow::Across(block) => word(&block).to_owned(),
        });
        rows.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn both_columns_stand_where_the_first_of_their_blocks_does() {
        use Block::{Banners, Documents, FromOthers, Links, Newest, Notices, Section};
        let section = |code: &str| Section(code.to_owned());
        for (blocks, expected) in [
            (
                Block::USUAL.to_vec(),
                "banners [newest | notices documents read] others links",
            ),
            (
                vec![Links, Documents, FromOthers, Newest, Notices],
                "links [newest | documents notices] others",
            ),
            (vec![section("co"), Newest], "[section newest | ]"),
            (vec![section("khong"), Banners], "banners"),
            (vec![Notices], "[ | notices]"),
            (vec![], ""),
        ] {
            assert_eq!(told(&blocks), expected);
        }
    }

    #[test]
    fn links_stand_with_their_like() {
        let link = |group: &str, label: &str| WebLink {
            group: group.to_owned(),
            label: label.to_owned(),
            address: format!("https://{label}.example/"),
        };
        let groups = link_groups(&[link("", "a"), link("Tỉnh", "b"), link("", "c")]);
        let told: Vec<_> = groups
            .iter()
            .map(|group| (group.heading.as_str(), group.links.len()))
            .collect();
        assert_eq!(told, [("", 2), ("Tỉnh", 1)]);
    }
}
