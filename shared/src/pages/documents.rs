//! `/van-ban`: documents, narrowed by what they are, by whom and when they were issued, and whether they
//! hold.

use super::cards::Cards;
use super::frame::Around;
use super::kind_parts::validity_badge;
use super::templates::DocumentsPage;
use super::view::{Choice, DocumentLine, Leaf};
use super::visit::Visit;
use crate::entries::kinds::{day_number, document, links};
use crate::entries::listing::{self, Documents, Filter, Holding, Listed};
use crate::entries::{Kind, record, search};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;
use url::form_urlencoded;

/// How many documents a page lists.
const PAGE: u64 = 20;
/// How much of what is typed is looked at, in letters.
const LONGEST: usize = 200;

const HOLDING: [(&str, &str, Holding); 3] = [
    ("con", "Còn hiệu lực", Holding::Now),
    ("chua", "Chưa có hiệu lực", Holding::Later),
    ("het", "Hết hiệu lực", Holding::NoMore),
];

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    loai: String,
    #[serde(rename = "linh-vuc")]
    linh_vuc: String,
    #[serde(rename = "co-quan")]
    co_quan: String,
    nam: String,
    #[serde(rename = "hieu-luc")]
    hieu_luc: String,
    trang: Option<u32>,
}

impl Asked {
    fn is_narrowed(&self) -> bool {
        let parts = [
            &self.q,
            &self.loai,
            &self.linh_vuc,
            &self.co_quan,
            &self.nam,
            &self.hieu_luc,
        ];
        parts.into_iter().any(|part| !part.trim().is_empty())
    }

    /// The address of page `number` of the same question.
    fn page(&self, number: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("loai", &self.loai),
            ("linh-vuc", &self.linh_vuc),
            ("co-quan", &self.co_quan),
            ("nam", &self.nam),
            ("hieu-luc", &self.hieu_luc),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if number > 1 {
            query.append_pair("trang", &number.to_string());
        }
        match query.finish() {
            query if query.is_empty() => "/van-ban".to_owned(),
            query => format!("/van-ban?{query}"),
        }
    }

    fn filter(&self, site: &Site, today: NaiveDate) -> Filter {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let holding = HOLDING.iter().find(|(code, _, _)| *code == self.hieu_luc);
        let typed: String = self.q.trim().chars().take(LONGEST).collect();
        let words = match typed.is_empty() {
            true => None,
            false => Some((
                search::Holds::new(site.db.backend(), &typed),
                document::number_key(&typed),
            )),
        };
        Filter {
            documents: Documents {
                form: some(&self.loai),
                field: some(&self.linh_vuc),
                issuer: some(&self.co_quan),
                year: self
                    .nam
                    .parse()
                    .ok()
                    .filter(|year| (1..=9999).contains(year)),
                holding: holding.map(|(_, _, holding)| (*holding, day_number(today))),
                words,
            },
            ..Filter::of_kind(Kind::Document)
        }
    }
}

/// The page.
pub async fn list(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let filter = asked.filter(&site, today);
    let count = listing::count(db, &filter).await?;
    let leaf = Leaf::of(asked.trang, count, PAGE).ok_or(Error::NotFound)?;
    let listed = listing::newest(db, &filter, leaf.offset, PAGE).await?;
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Văn bản", "/van-ban");
    if asked.is_narrowed() {
        around.frame.head.noindex = true;
    }
    if leaf.number > 1 {
        around.frame.head.title = visit.display.language.page_of("Văn bản", leaf.number);
    }
    let page = DocumentsPage {
        documents: lines(&site, &around, &listed, today).await?,
        total: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        is_narrowed: asked.is_narrowed(),
        words: asked.q.clone(),
        forms: choices(&site, record::Column::Form, &asked.loai, "Mọi loại").await?,
        fields: choices(
            &site,
            record::Column::Field,
            &asked.linh_vuc,
            "Mọi lĩnh vực",
        )
        .await?,
        issuers: choices(&site, record::Column::Issuer, &asked.co_quan, "Mọi cơ quan").await?,
        years: years(&site, &asked.nam).await?,
        holding: holding(&asked.hieu_luc),
        pagination: leaf.pagination(|number| asked.page(number)),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// Documents as lists show them, with whether they hold.
pub async fn lines(
    site: &Site,
    around: &Around,
    listed: &[Listed],
    today: NaiveDate,
) -> Result<Vec<DocumentLine>> {
    let cards = Cards::of(site, &around.sections, listed).await?;
    let entries: Vec<&record::Model> = listed.iter().map(|one| &one.entry).collect();
    let replaced = links::replaced_on(site.db.reader(), &entries).await?;
    let line = |one: &Listed| {
        let fields = one.entry.fields().and_then(|fields| fields.document);
        let replaced = replaced.get(&one.entry.entry_id).copied();
        DocumentLine {
            validity: fields.and_then(|fields| validity_badge(&fields, replaced, today)),
            ..cards.document(one)
        }
    };
    Ok(listed.iter().map(line).collect())
}

async fn choices(
    site: &Site,
    column: record::Column,
    chosen: &str,
    any: &str,
) -> Result<Vec<Choice>> {
    let mut values = listing::document_values(site.db.reader(), column).await?;
    values.sort_by_key(|(value, _)| vietnamese::fold(value));
    let all = std::iter::once(Choice::new("", any, chosen.is_empty()));
    let values = values.into_iter().map(|(value, count)| {
        let label = format!("{value} ({})", vietnamese::grouped(count));
        let is_chosen = value == chosen;
        Choice::new(value, label, is_chosen)
    });
    Ok(all.chain(values).collect())
}

async fn years(site: &Site, chosen: &str) -> Result<Vec<Choice>> {
    let years = listing::document_years(site.db.reader()).await?;
    let all = std::iter::once(Choice::new("", "Mọi năm", chosen.is_empty()));
    let years = years.into_iter().map(|year| {
        let year = year.to_string();
        let is_chosen = year == chosen;
        Choice::new(year.clone(), year, is_chosen)
    });
    Ok(all.chain(years).collect())
}

fn holding(chosen: &str) -> Vec<Choice> {
    let all = std::iter::once(Choice::new("", "Mọi hiệu lực", chosen.is_empty()));
    let each = HOLDING
        .iter()
        .map(|(code, label, _)| Choice::new(*code, *label, *code == chosen));
    all.chain(each).collect()
}
