//! `/quan-tri/don-vi/{site}`: one member, how it is and was, and what the province settles about it.

use super::member_columns::{self, Column};
use super::{bundle, keys, member_outside, members};
use crate::members::history::{self, Day, Kind, SHOWN_DAYS, watch_time};
use crate::members::overview::{Member, Way, wrong_by};
use crate::members::watch::{RIGHT, WRONG, Watch};
pub(super) use crate::members::{PAGE as PATH, page_of as path_of};
use crate::members::{examination, note, registry};
use crate::probes::Prober;
use crate::vault::{self, Vaults};
use axum::extract::{Extension, Form, Path};
use axum::response::Response;
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use shared::accounts::{Right, told as told_accounts};
use shared::audit::{self, Action, Subject};
use shared::directory::site_record;
use shared::entries::{self, record};
use shared::error::{Error, Result};
use shared::log::Lane;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::MemberPage;
use shared::pages::view::{
    DayBar, FormErrors, LaneRow, Link, LinkState, MemberEvent, MemberFact, MemberForm, RefusedLine,
};
use shared::pages::{cards, link_health};
use shared::sync::cursor::{self, Direction};
use shared::sync::{peer, refusal};
use shared::vietnamese::{self, grouped};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Events shown.
const MOST_EVENTS: u64 = 50;
/// Refused items shown.
const MOST_REFUSED: u64 = 10;
/// How long somebody waits for what goes out to a member.
const PATIENCE: Duration = Duration::from_secs(25);

pub(super) async fn show(
    at: AtDesk,
    Extension(watch): Extension<Watch>,
    Extension(vaults): Extension<Vaults>,
    Path(site): Path<Uuid>,
) -> Result<Response> {
    let member = find(&at, &watch, site).await?;
    let form = settled(&at, &member).await?;
    at.answer(&page(&at, &vaults, &member, form, FormErrors::default()).await?)
}

/// What is settled about `member`, as the forms show it.
async fn settled(at: &AtDesk, member: &Member) -> Result<MemberForm> {
    let vault = vault::record::find(at.site.db.reader(), member.site).await?;
    let quota = vault.and_then(|vault| vault.quota);
    Ok(MemberForm {
        grace: minutes(member.note.grace_seconds),
        silent_days: member
            .note
            .silent_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        note: member.note.note.clone().unwrap_or_default(),
        quota: quota.map_or_else(String::new, |bytes| {
            member_outside::gigabytes(bytes).to_string()
        }),
        closing: String::new(),
    })
}

fn minutes(seconds: Option<i64>) -> String {
    seconds
        .map(|seconds| (seconds / 60).to_string())
        .unwrap_or_default()
}

async fn find(at: &AtDesk, watch: &Watch, site: Uuid) -> Result<Member> {
    let is_it = |member: &&Member| member.site == site;
    let seen = watch.seen(&at.site).await?;
    if let Some(member) = seen.members.iter().find(is_it) {
        return Ok(member.clone());
    }
    // It may have come since.
    let seen = watch.look(&at.site).await?;
    let found = seen.members.iter().find(is_it);
    found.cloned().ok_or(Error::NotFound)
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(super) struct Filled {
    csrf: String,
    action: String,
    #[serde(default)]
    grace: String,
    #[serde(default)]
    silent_days: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    quota: String,
    #[serde(default)]
    closing: String,
}

pub(super) async fn change(
    at: AtDesk,
    Extension(watch): Extension<Watch>,
    Extension(vaults): Extension<Vaults>,
    Extension(prober): Extension<Prober>,
    Path(site): Path<Uuid>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let member = find(&at, &watch, site).await?;
    let done = match filled.action.as_str() {
        "note" => {
            let mut errors = FormErrors::default();
            let Some(kept) = read(&filled, &mut errors) else {
                let form = MemberForm {
                    grace: filled.grace,
                    silent_days: filled.silent_days,
                    note: filled.note,
                    ..settled(&at, &member).await?
                };
                return at.answer_again(&page(&at, &vaults, &member, form, errors).await?);
            };
            keep(&at, site, kept).await?;
            Done::MemberNoted
        }
        "quota" if matches!(member.way, Way::Native(_)) => {
            let mut errors = FormErrors::default();
            let quota = member_outside::quota(&filled.quota, &mut errors);
            if !errors.is_empty() {
                let form = MemberForm {
                    quota: filled.quota,
                    ..settled(&at, &member).await?
                };
                return at.answer_again(&page(&at, &vaults, &member, form, errors).await?);
            }
            set_quota(&at, site, quota).await?;
            Done::VaultQuotaSet
        }
        "look" if may_be_visited(&member) => {
            in_time(async move { prober.look_at(site).await.map(drop) }).await?;
            Done::MemberLookedAt
        }
        "examine" if may_be_visited(&member) && member.way != Way::Feed => {
            let (hub, by) = (Arc::clone(&at.site), at.user.actor());
            in_time(async move { examination::make(&hub, site, &by).await.map(drop) }).await?;
            Done::MemberExamined
        }
        "close" => {
            let is_named =
                vietnamese::fold(filled.closing.trim()) == vietnamese::fold(&member.name);
            if !is_named {
                let mut errors = FormErrors::default();
                let name = &member.name;
                errors.add("closing", format!("Chưa đúng tên. Hãy gõ: {name}"));
                let form = MemberForm {
                    closing: filled.closing,
                    ..settled(&at, &member).await?
                };
                return at.answer_again(&page(&at, &vaults, &member, form, errors).await?);
            }
            registry::close(&at.site, site, &at.user.actor()).await?;
            watch.look(&at.site).await?;
            return Ok(Done::MemberClosed.then(members::PATH));
        }
        "suspend" | "resume" if !matches!(member.way, Way::Feed | Way::Expected) => {
            let suspended = filled.action == "suspend";
            registry::set_suspended(&at.site, site, suspended, &at.user.actor()).await?;
            match suspended {
                true => Done::MemberSuspended,
                false => Done::MemberResumed,
            }
        }
        _ => return Err(Error::NotFound),
    };
    watch.look(&at.site).await?;
    Ok(done.then(&path_of(site)))
}

/// Whether anybody may go and look at `member`: it is expected to be there.
fn may_be_visited(member: &Member) -> bool {
    member.way != Way::Expected && member.state != LinkState::Paused
}

/// Does what goes out to somebody else. Whoever waits for it waits no longer than a page may take; what is not done
/// by then goes on without them.
async fn in_time(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    let work = tokio::spawn(work);
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(anyhow::Error::new)?,
        Err(_) => Ok(()),
    }
}

async fn set_quota(at: &AtDesk, site: Uuid, quota: Option<i64>) -> Result<()> {
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                vault::record::set_quota(tx, site, quota).await?;
                let subject = Subject::of(audit::Kind::Backup, site);
                audit::record(tx, &by, Action::VaultChanged, subject, now).await
            })
        })
        .await
}

/// What the form says, if all of it can be.
fn read(filled: &Filled, errors: &mut FormErrors) -> Option<note::Model> {
    let mut number = |field: &str, text: &str, bounds: std::ops::RangeInclusive<i64>| {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let read = text
            .parse::<i64>()
            .ok()
            .filter(|number| bounds.contains(number));
        if read.is_none() {
            errors.add(
                field,
                format!(
                    "Hãy nhập một số từ {} đến {}, hoặc để trống.",
                    bounds.start(),
                    grouped(*bounds.end())
                ),
            );
        }
        read
    };
    let grace = number("grace", &filled.grace, note::GRACE_MINUTES);
    let silent_days = number("silent_days", &filled.silent_days, note::SILENT_DAYS);
    let text = filled.note.trim();
    if text.chars().count() > note::LONGEST_NOTE {
        let most = grouped(note::LONGEST_NOTE as i64);
        errors.add(
            "note",
            format!("Ghi chú dài quá {most} ký tự. Hãy viết gọn lại."),
        );
    }
    errors.is_empty().then(|| note::Model {
        grace_seconds: grace.map(|minutes| minutes * 60),
        silent_days,
        note: (!text.is_empty()).then(|| vietnamese::nfc(text)),
        ..note::Model::default()
    })
}

async fn keep(at: &AtDesk, site: Uuid, kept: note::Model) -> Result<()> {
    let now = at.site.clock.now().timestamp_millis();
    let note = note::Model {
        site_id: site,
        changed_by: Some(at.user.account.name.clone()),
        changed_at: now,
        ..kept
    };
    let by = at.user.actor();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let record = site_record::find(tx, site).await?.ok_or(Error::NotFound)?;
                note::put(tx, note).await?;
                audit::record(tx, &by, Action::MemberNoted, Subject::site(&record), now).await
            })
        })
        .await
}

async fn page(
    at: &AtDesk,
    vaults: &Vaults,
    member: &Member,
    form: MemberForm,
    errors: FormErrors,
) -> Result<MemberPage> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let peer = peer::find(db, member.site).await?;
    let changes = history::states_of(db, member.site).await?;
    let since = (now - TimeDelta::days(SHOWN_DAYS as i64)).timestamp_millis();
    let watched = watch_time::since(db, since).await?;
    let days = history::days(&changes, &watched, now, SHOWN_DAYS);
    let events = history::newest(db, member.site, MOST_EVENTS).await?;
    let refused = refusal::of_site(db, member.site, MOST_REFUSED).await?;
    let may_manage = at.user.may(Right::ManageMembers);
    let is_native = matches!(member.way, Way::Native(_));
    Ok(MemberPage {
        desk: at
            .desk(&cards::capitalised(&member.name), members::PATH)
            .await?,
        action: path_of(member.site),
        url: member.base_url.clone(),
        state: member.state,
        seen_at: members::clock_time(member.seen_at),
        since: member.since.map(cards::moment),
        trouble: peer
            .as_ref()
            .and_then(|peer| link_health::trouble(peer, now)),
        facts: facts(at, member)
            .into_iter()
            .chain(accounts(at, member.site).await?)
            .collect(),
        reachable: history::reachable(&days).map(percent),
        days: days.iter().map(bar).collect(),
        lanes: match is_native {
            true => lanes(at, member).await?,
            false => Vec::new(),
        },
        probes: member_outside::probes(at, member.site).await?,
        may_look: may_manage && may_be_visited(member),
        examined: member_outside::examined(at, member.site).await?,
        may_examine: may_manage && is_native && may_be_visited(member),
        vault: member_outside::vault(vaults, member).await?,
        kinds: kinds(at, member.unit).await?,
        refused: refused.iter().map(refused_line).collect(),
        refused_url: shared::pages::newsroom::REFUSED_PATH.to_owned(),
        events: events.iter().map(event).collect(),
        links: links(at, member),
        may_suspend: may_manage && is_native,
        is_suspended: member.state == LinkState::Paused,
        may_close: may_manage,
        unit_name: member.name.clone(),
        may_note: may_manage,
        changed: member.note.changed_by.clone().map(|by| {
            let at = vietnamese::date_time(shared::clock::from_millis(member.note.changed_at));
            format!("{by}, {at}")
        }),
        form,
        errors,
        members_url: members::PATH.to_owned(),
    })
}

fn links(at: &AtDesk, member: &Member) -> Vec<Link> {
    let mut links = vec![Link::new("Mở cổng của đơn vị", &member.base_url)];
    if at.user.may(Right::ManageKeys) && member.way != Way::Feed {
        links.push(Link::new("Khóa của đơn vị", keys::path_of(member.site)));
    }
    let is_to_come = member.way == Way::Expected || member.state == LinkState::New;
    if at.user.may(Right::ManageMembers) && member.way != Way::Feed && is_to_come {
        links.push(Link::new("Tải bộ cài đặt", bundle::path_of(member.site)));
    }
    links
}

/// `99,87 %`.
fn percent(hundredths: i64) -> String {
    format!("{},{:02} %", hundredths / 100, hundredths % 100)
}

fn bar(day: &Day) -> DayBar {
    let words = match day.state() {
        None => "không có số liệu".to_owned(),
        Some(state) => {
            let mut words = Vec::new();
            for (word, millis) in [("mất kết nối", day.lost), ("trễ", day.late)] {
                // What lasted no minute is not told in words.
                if millis >= 60_000 {
                    words.push(format!(
                        "{word} {}",
                        vietnamese::ago(TimeDelta::milliseconds(millis))
                    ));
                }
            }
            match words.is_empty() {
                true => state.word().to_lowercase(),
                false => words.join(", "),
            }
        }
    };
    DayBar {
        day: cards::day(day.day),
        code: day.state().map_or("none", history::code_of),
        words,
    }
}

/// What the table has columns for, all of it, and what it has no room for.
fn facts(at: &AtDesk, member: &Member) -> Vec<MemberFact> {
    let now = at.site.clock.now();
    let mut facts: Vec<MemberFact> = Column::ALL
        .into_iter()
        .filter(|column| !matches!(column, Column::Note | Column::Refused | Column::Owner))
        .map(|column| {
            let cell = column.cell(member, now);
            let (text, url) = match cell.about {
                Some(about) => (format!("{} ({})", about.label, cell.text), Some(about.url)),
                None => (cell.text, None),
            };
            MemberFact {
                name: cell.label,
                text,
                url,
                sub: cell.sub,
                is_bad: cell.is_bad,
            }
        })
        .collect();
    let fact = |name: &str, text: String| MemberFact {
        name: name.to_owned(),
        text,
        ..MemberFact::default()
    };
    if let Some(backup) = member.backup.as_ref().filter(|backup| backup.bytes > 0) {
        let size = vietnamese::bytes(backup.bytes);
        facts.push(fact("Dung lượng bản sao lưu mới nhất", size));
    }
    if let Some(contact) = &member.contact {
        for (name, value) in [
            ("Người phụ trách", &contact.responsible),
            ("Điện thoại", &contact.phone),
            ("Thư điện tử", &contact.email),
            ("Địa chỉ", &contact.address),
        ] {
            if let Some(value) = value {
                facts.push(fact(name, value.clone()));
            }
        }
    }
    facts
}

/// How many people may work there, as it says; without who approves nothing appears any more.
async fn accounts(at: &AtDesk, site: Uuid) -> Result<Option<MemberFact>> {
    let told = told_accounts::find(at.site.db.reader(), site).await?;
    Ok(told.map(|told| MemberFact {
        name: "Tài khoản".to_owned(),
        text: format!(
            "{} đang dùng, {} người duyệt, {} người quản trị",
            grouped(told.active),
            grouped(told.approvers),
            grouped(told.admins)
        ),
        sub: match told.last_sign_in.map(cards::moment) {
            Some(at) => format!("đăng nhập gần nhất {}", at.text),
            None => "chưa ai đăng nhập".to_owned(),
        },
        is_bad: told.approvers == 0,
        ..MemberFact::default()
    }))
}

async fn lanes(at: &AtDesk, member: &Member) -> Result<Vec<LaneRow>> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let cursors = cursor::of_peer(db, member.site).await?;
    let mut rows = Vec::new();
    for direction in [Direction::Out, Direction::In] {
        for (number, lane) in Lane::ALL.into_iter().enumerate() {
            let found = cursors.iter().find(|cursor| {
                cursor.direction == direction.as_str() && cursor.lane == lane.as_str()
            });
            let (items, oldest, is_behind) = match direction {
                Direction::Out => {
                    let waiting = member.to_member[number];
                    (
                        member_columns::items(waiting),
                        member_columns::oldest(waiting, now),
                        waiting.items > 0,
                    )
                }
                Direction::In => {
                    let behind = found.map_or(0, |cursor| (cursor.head - cursor.position).max(0));
                    let items = match behind {
                        0 => "đã đủ".to_owned(),
                        behind => format!("còn {} mục", grouped(behind)),
                    };
                    let since = found.filter(|_| behind > 0).map(|one| one.updated_at);
                    (items, member_columns::since(since, now), behind > 0)
                }
            };
            rows.push(LaneRow {
                direction: match direction {
                    Direction::Out => "Tỉnh gửi đơn vị".to_owned(),
                    Direction::In => "Đơn vị gửi tỉnh".to_owned(),
                },
                lane: match lane {
                    Lane::Urgent => "khẩn".to_owned(),
                    Lane::Regular => "thường".to_owned(),
                },
                position: grouped(found.map_or(0, |cursor| cursor.position)),
                moved: found.map(|cursor| cards::moment(cursor.updated_at)),
                items,
                oldest,
                is_behind,
            });
        }
    }
    Ok(rows)
}

/// How many entries of each kind the unit has published and not taken back.
async fn kinds(at: &AtDesk, unit: Uuid) -> Result<Vec<shared::pages::view::Figure>> {
    let counted: Vec<(String, i64)> = record::Entity::find()
        .filter(record::Column::UnitId.eq(unit))
        .filter(record::Column::State.eq(record::EntryState::Live.as_str()))
        .select_only()
        .column(record::Column::Kind)
        .column_as(record::Column::Id.count(), "entries")
        .group_by(record::Column::Kind)
        .into_tuple()
        .all(at.site.db.reader())
        .await?;
    let mut figures: Vec<_> = counted
        .into_iter()
        .map(|(kind, count)| {
            let label = entries::Kind::parse(&kind)
                .map_or(kind.clone(), |kind| kind.label().to_lowercase());
            (count, label)
        })
        .collect();
    figures.sort_by(|one, other| other.cmp(one));
    Ok(figures
        .into_iter()
        .map(|(count, label)| shared::pages::view::Figure {
            value: grouped(count),
            label,
        })
        .collect())
}

fn refused_line(refused: &refusal::Model) -> RefusedLine {
    RefusedLine {
        who: match refused.is_ours() {
            true => "Đơn vị không nhận của tỉnh".to_owned(),
            false => "Tỉnh không nhận của đơn vị".to_owned(),
        },
        why: refused.detail.clone(),
        at: cards::moment(refused.at),
    }
}

fn event(event: &history::Model) -> MemberEvent {
    let text = match (event.kind.as_str(), event.value.as_str()) {
        ("state", code) => {
            let state = history::state_of(code);
            state.map_or(code.to_owned(), |state| state.word().to_owned())
        }
        ("version", version) => match &event.detail {
            Some(before) => format!("Chạy {version}, trước đó {before}"),
            None => format!("Chạy {version}"),
        },
        ("clock", WRONG) => {
            let seconds = event
                .detail
                .as_deref()
                .and_then(|seconds| seconds.parse().ok());
            let skew = TimeDelta::seconds(seconds.unwrap_or_default());
            format!("Đồng hồ {}", wrong_by(skew))
        }
        ("clock", RIGHT) => "Đồng hồ đúng trở lại".to_owned(),
        (_, other) => other.to_owned(),
    };
    MemberEvent {
        state: (event.kind == Kind::State.as_str())
            .then(|| history::state_of(&event.value))
            .flatten(),
        at: cards::moment(event.at),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_cannot_be_names_its_fields() {
        let filled = |grace: &str, silent_days: &str, note: &str| Filled {
            csrf: String::new(),
            action: "note".to_owned(),
            grace: grace.to_owned(),
            silent_days: silent_days.to_owned(),
            note: note.to_owned(),
            quota: String::new(),
            closing: String::new(),
        };
        let long = "a".repeat(note::LONGEST_NOTE + 1);
        for (form, wrong) in [
            (filled("", "", ""), vec![]),
            (filled(" 30 ", "14", "Mạng hay đứt khi mưa."), vec![]),
            (filled("0", "14", ""), vec!["grace"]),
            (
                filled("nửa giờ", "-1", &long),
                vec!["grace", "silent_days", "note"],
            ),
        ] {
            let mut errors = FormErrors::default();
            let read = read(&form, &mut errors);
            let fields: Vec<&str> = errors.0.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, wrong);
            assert_eq!(read.is_some(), wrong.is_empty());
        }
        let kept = read(&filled("30", "14", ""), &mut FormErrors::default()).expect("a note");
        assert_eq!(
            (kept.grace_seconds, kept.silent_days, kept.note),
            (Some(1_800), Some(14), None)
        );
    }

    #[test]
    fn a_share_is_shown_as_in_vietnam() {
        assert_eq!(percent(10_000), "100,00 %");
        assert_eq!(percent(9_987), "99,87 %");
        assert_eq!(percent(5), "0,05 %");
    }
}
