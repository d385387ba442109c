//! The days, sections and single facts behind a number.

use super::Asked;
use crate::members::history::{self, watch_time};
use crate::probes;
use crate::ranking::collect::Bounds;
use crate::ranking::collect::calendar::{self as calendars, Disclosed};
use crate::ranking::collect::standing;
use crate::ranking::disclosure::Standing;
use crate::ranking::input::Input;
use crate::sections;
use crate::vault;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::citizens::told;
use shared::directory::contact_record;
use shared::entries::kinds::day_number;
use shared::entries::record;
use shared::error::Result;
use shared::pages::cards;
use shared::ranking::rows::{MOST, Row};
use shared::readership::record::site_day;
use shared::screening::refusals;
use shared::units::attribute;
use shared::vietnamese::grouped;

pub(super) async fn calendar(asked: &Asked<'_>, bounds: &Bounds, input: Input) -> Result<Vec<Row>> {
    match input {
        Input::SectionsDue | Input::SectionsFilled => mandatory(asked, bounds, input).await,
        _ => disclosures(asked, bounds, input).await,
    }
}

async fn mandatory(asked: &Asked<'_>, bounds: &Bounds, input: Input) -> Result<Vec<Row>> {
    let (scheme, member) = (asked.scheme, asked.member);
    let filled = calendars::filled(asked.site.db.reader(), scheme, bounds.end).await?;
    let tree = sections::default_tree()?;
    let due = scheme.sections.of_kind(&member.kind).iter();
    Ok(due
        .map(|code| {
            let name = tree.iter().find(|section| &section.slug == code);
            let is_filled = filled.has(member.unit, code);
            Row {
                title: name.map_or_else(|| code.clone(), |section| section.name.clone()),
                url: None,
                note: if is_filled {
                    "có nội dung"
                } else {
                    "chưa có nội dung"
                }
                .to_owned(),
                amount: i64::from(is_filled || input == Input::SectionsDue),
            }
        })
        .collect())
}

async fn disclosures(asked: &Asked<'_>, bounds: &Bounds, input: Input) -> Result<Vec<Row>> {
    let (scheme, span, member) = (asked.scheme, asked.span, asked.member);
    let disclosed = Disclosed::read(asked.site, scheme, span, Some(member.unit)).await?;
    let mut rows = Vec::new();
    for (occasion, standing) in disclosed.of(scheme, span, &member.group, member.unit, bounds.to) {
        let entry = match disclosed.first(&occasion, member.unit) {
            Some((_, entry)) => record::find(asked.site.db.reader(), *entry).await?,
            None => None,
        };
        let due = cards::day(occasion.due).text;
        let (said, counts) = match standing {
            Standing::OnTime(day) => (
                format!("công khai {}, đúng hạn", cards::day(day).text),
                true,
            ),
            Standing::Late(day) => (
                format!("công khai {}, chậm", cards::day(day).text),
                input != Input::DisclosuresOnTime,
            ),
            Standing::Missing => ("chưa công khai".to_owned(), input == Input::DisclosuresDue),
            Standing::Open => ("chưa tới hạn".to_owned(), false),
        };
        rows.push(Row {
            title: occasion.what.name.clone(),
            url: entry.map(|entry| entry.url),
            note: format!("hạn {due}; {said}"),
            amount: i64::from(counts),
        });
    }
    Ok(rows)
}

pub(super) async fn days(asked: &Asked<'_>, bounds: &Bounds, input: Input) -> Result<Vec<Row>> {
    if input == Input::Views {
        return views(asked, bounds).await;
    }
    let db = asked.site.db.reader();
    let mut changes = history::states_of(db, asked.member.site).await?;
    changes.retain(|(at, _)| *at < bounds.end);
    let watched = watch_time::since(db, bounds.begin).await?;
    Ok(standing::days(bounds, &changes, &watched)
        .iter()
        .filter(|day| standing::minutes_expected(day) > 0)
        .map(|day| {
            let (reached, expected) = (
                standing::minutes_reached(day),
                standing::minutes_expected(day),
            );
            Row {
                title: cards::day(day.day).text,
                url: None,
                note: format!("{} / {} phút", grouped(reached), grouped(expected)),
                amount: match input {
                    Input::MinutesReached => reached,
                    _ => expected,
                },
            }
        })
        .collect())
}

async fn views(asked: &Asked<'_>, bounds: &Bounds) -> Result<Vec<Row>> {
    use site_day::Column;
    let days = site_day::Entity::find()
        .filter(Column::SiteId.eq(asked.member.site))
        .filter(Column::Day.between(day_number(bounds.from), day_number(bounds.to)))
        .order_by_asc(Column::Day)
        .all(asked.site.db.reader())
        .await?;
    let shown = |day: i64| {
        crate::ranking::collect::published::day_from(day)
            .map_or_else(|| day.to_string(), |day| cards::day(day).text)
    };
    Ok(days
        .into_iter()
        .map(|day| Row {
            title: shown(day.day),
            url: None,
            note: format!("{} lượt xem", grouped(day.views)),
            amount: day.views,
        })
        .collect())
}

pub(super) async fn fact(asked: &Asked<'_>, bounds: &Bounds, input: Input) -> Result<Vec<Row>> {
    let db = asked.site.db.reader();
    let member = asked.member;
    let one = |title: &str, note: String, amount: i64| Row {
        title: title.to_owned(),
        url: None,
        note,
        amount,
    };
    Ok(match input {
        Input::Weeks => {
            let weeks = asked.span.weeks();
            vec![one(&asked.span.label(), format!("{weeks} tuần"), weeks)]
        }
        Input::ProbesAsked | Input::ProbesGood => {
            let sums = probes::record::days_of(db, member.site, bounds.from, bounds.to).await?;
            sums.iter()
                .map(|(kind, sum)| {
                    let note = format!("{} / {} lần tốt", grouped(sum.good), grouped(sum.asked));
                    let amount = match input {
                        Input::ProbesGood => sum.good,
                        _ => sum.asked,
                    };
                    one(kind.label(), note, amount)
                })
                .collect()
        }
        Input::ContactsDue | Input::ContactsGiven => {
            let Some(told) = contact_record::find(db, member.site).await? else {
                return Ok(Vec::new());
            };
            let when = cards::moment(told.told_at).text;
            let given = [
                ("Người chịu trách nhiệm", &told.responsible),
                ("Địa chỉ", &told.address),
                ("Điện thoại", &told.phone),
                ("Thư điện tử", &told.email),
            ];
            given
                .into_iter()
                .map(|(title, text)| {
                    let text = text.as_deref().map(str::trim).unwrap_or_default();
                    let note = match text {
                        "" => "chưa có".to_owned(),
                        text => text.to_owned(),
                    };
                    let counts = !text.is_empty() || input == Input::ContactsDue;
                    one(
                        title,
                        format!("{note}; đơn vị báo {when}"),
                        i64::from(counts),
                    )
                })
                .collect()
        }
        Input::ScreeningHits => {
            use refusals::Column;
            let hits = refusals::Entity::find()
                .filter(Column::SiteId.eq(member.site))
                .filter(Column::At.gte(bounds.begin))
                .filter(Column::At.lt(bounds.end))
                .order_by_asc(Column::Id)
                .limit(MOST)
                .all(db)
                .await?;
            hits.into_iter()
                .map(|hit| {
                    let title = format!("Quy tắc {}", hit.rule);
                    one(&title, format!("lúc {}", cards::moment(hit.at).text), 1)
                })
                .collect()
        }
        Input::CasesLate => {
            let told = told::all(db).await?;
            let told = told.get(&member.site);
            told.map(|told| {
                let note = format!(
                    "{} đang chờ, {} quá hạn; đơn vị báo {}",
                    grouped(told.open),
                    grouped(told.late),
                    cards::moment(told.told_at).text
                );
                one("Câu hỏi, phản ánh", note, told.late)
            })
            .into_iter()
            .collect()
        }
        Input::DrillsMissed => {
            let vault = vault::record::find(db, member.site).await?;
            let good = vault.and_then(|vault| vault.report()?.drill.good_at);
            let is_missed = good.is_none_or(|at| at.timestamp_millis() < bounds.begin);
            let note = match good {
                Some(at) => format!("lần gần nhất {}", cards::moment(at.timestamp_millis()).text),
                None => "chưa có lần nào".to_owned(),
            };
            vec![one(
                "Bản sao lưu được dựng thử và so sánh",
                note,
                i64::from(is_missed),
            )]
        }
        Input::Population => attribute::of_unit(db, member.unit)
            .await?
            .into_iter()
            .filter(|one| one.name == attribute::Name::Population)
            .filter(|one| {
                one.valid_from.is_none_or(|from| from <= asked.span.to)
                    && one.valid_to.is_none_or(|to| asked.span.to <= to)
            })
            .map(|known| {
                let basis = known
                    .basis
                    .unwrap_or_else(|| "theo thông tin đơn vị".to_owned());
                one("Dân số", basis, known.value.parse().unwrap_or_default())
            })
            .collect(),
        _ => Vec::new(),
    })
}
