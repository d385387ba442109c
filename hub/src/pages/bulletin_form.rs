//! `/quan-tri/thong-bao-khan/moi`, `…/tam-ngung`, `…/{bulletin}/sua`: a bulletin or an outage is written, looked at with
//! all whom it reaches, and only then said.

use super::bulletins::{self, one_line, path_of};
use super::receivers::{Chosen, Ground, receiver};
use super::routes::LEVELS;
use crate::bulletins::order::audience;
use crate::recall::find_entry;
use crate::routing::preview::{self, Receiver, Standing};
use axum::extract::Path;
use axum::response::Response;
use axum_extra::extract::Form;
use chrono::TimeDelta;
use serde::Deserialize;
use shared::bulletins::outage::{self, announced};
use shared::bulletins::{Bulletin, Level, More, Outage, Told};
use shared::citizens::deadline::{KNOWN, day_of};
use shared::clock::from_millis;
use shared::entries::listing::{self, Listed};
use shared::error::{Error, Result};
use shared::log::Digest;
use shared::pages::bulletins::line_of;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::BulletinFormPage;
use shared::pages::view::{BulletinPreview, Choice, FormErrors};
use shared::sync::Selector;
use shared::sync::audience::Membership;
use shared::vietnamese;
use uuid::Uuid;

/// The form of a new bulletin.
pub(super) const NEW: &str = "/quan-tri/thong-bao-khan/moi";
/// The form of a new outage.
pub(super) const OUTAGE: &str = "/quan-tri/thong-bao-khan/tam-ngung";
/// The form of a later version.
pub(super) const CHANGE: &str = "/quan-tri/thong-bao-khan/{bulletin}/sua";

/// Above whose pages.
const TO: [(&str, &str); 4] = [
    ("everyone", "Mọi đơn vị và cổng của tỉnh"),
    ("levels", "Theo loại đơn vị"),
    ("below", "Một đơn vị và các đơn vị bên dưới"),
    ("units", "Những đơn vị được chọn"),
];
/// How long a new bulletin stands unless somebody says otherwise.
const USUAL: TimeDelta = TimeDelta::hours(24);

/// What is filled in. The names of the fields are the form's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    /// `preview` or `send`.
    action: String,
    level: String,
    text: String,
    issuer: String,
    entry: String,
    from: String,
    until: String,
    to: String,
    kinds: Vec<String>,
    below: String,
    units: Vec<String>,
    unit: String,
    reason: String,
    instead: String,
    urgency: String,
    /// The mark of what was looked at before.
    seen: String,
}

/// A moment as the form shows it.
fn typed(at: i64) -> String {
    let local = vietnamese::local(from_millis(at));
    local.format("%Y-%m-%dT%H:%M").to_string()
}

impl Filled {
    /// What a new one begins with.
    fn new(at: &AtDesk, is_outage: bool) -> Self {
        let until = (at.site.clock.now() + USUAL).timestamp_millis();
        let name = &at.site.profile.unit_name;
        Self {
            level: match is_outage {
                true => Level::Information,
                false => Level::Warning,
            }
            .as_str()
            .to_owned(),
            issuer: shared::pages::cards::capitalised(name),
            to: TO[0].0.to_owned(),
            until: match is_outage {
                true => String::new(),
                false => typed(until),
            },
            ..Self::default()
        }
    }

    /// One that stands, as the form shows it.
    fn of(told: &Told) -> Self {
        let bulletin = &told.bulletin;
        let outage = bulletin.outage.clone();
        let words = |of: fn(Outage) -> String| outage.clone().map(of).unwrap_or_default();
        Self {
            level: bulletin.level.as_str().to_owned(),
            text: bulletin.text.clone(),
            issuer: bulletin.issuer.clone(),
            entry: bulletin
                .more
                .as_ref()
                .map(|more| more.entry.to_string())
                .unwrap_or_default(),
            from: typed(outage.as_ref().map_or(bulletin.from, |outage| outage.from)),
            until: typed(bulletin.until),
            reason: words(|outage| outage.reason),
            instead: words(|outage| outage.instead),
            urgency: words(|outage| outage.urgency.unwrap_or_default()),
            ..Self::default()
        }
    }
}

/// Which form it is.
struct Sheet {
    is_outage: bool,
    /// What stands, where it is to be said otherwise.
    before: Option<Told>,
}

impl Sheet {
    fn new(is_outage: bool) -> Self {
        Self {
            is_outage,
            before: None,
        }
    }

    fn of(told: Told) -> Self {
        Self {
            is_outage: told.bulletin.outage.is_some(),
            before: Some(told),
        }
    }

    fn action(&self) -> String {
        match (&self.before, self.is_outage) {
            (Some(told), _) => format!("{}/sua", path_of(told.row.id)),
            (None, true) => OUTAGE.to_owned(),
            (None, false) => NEW.to_owned(),
        }
    }

    fn title(&self) -> &'static str {
        match (&self.before, self.is_outage) {
            (Some(_), _) => "Sửa thông báo",
            (None, true) => "Báo tạm ngừng cung cấp",
            (None, false) => "Phát thông báo khẩn",
        }
    }
}

pub(super) async fn begin(at: AtDesk) -> Result<Response> {
    let filled = Filled::new(&at, false);
    show(&at, &Sheet::new(false), filled).await
}

pub(super) async fn begin_outage(at: AtDesk) -> Result<Response> {
    let filled = Filled::new(&at, true);
    show(&at, &Sheet::new(true), filled).await
}

pub(super) async fn open(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let told = bulletins::find(&at, id).await?;
    let filled = Filled::of(&told);
    show(&at, &Sheet::of(told), filled).await
}

pub(super) async fn add(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    decide(&at, &Sheet::new(false), filled).await
}

pub(super) async fn add_outage(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    decide(&at, &Sheet::new(true), filled).await
}

pub(super) async fn change(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    let told = bulletins::find(&at, id).await?;
    decide(&at, &Sheet::of(told), filled).await
}

async fn show(at: &AtDesk, sheet: &Sheet, filled: Filled) -> Result<Response> {
    let ground = Ground::read(&at.site).await?;
    let page = page(at, &ground, sheet, filled, FormErrors::default(), None);
    at.answer(&page.await?)
}

/// Shows how it would look and whom it would reach; says it if just that was looked at before.
async fn decide(at: &AtDesk, sheet: &Sheet, filled: Filled) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let ground = Ground::read(&at.site).await?;
    let bulletin = match checked(at, &ground, sheet, &filled).await? {
        Ok(bulletin) => bulletin,
        Err(errors) => {
            let page = page(at, &ground, sheet, filled, errors, None);
            return at.answer_again(&page.await?);
        }
    };
    let targets: Vec<Selector> = audience(&bulletin).sets().cloned().collect();
    let (receivers, _) = preview::receivers(&targets, &ground.members, &ground.tree);
    let mark = mark_of(&filled, &bulletin, &receivers)?;
    if filled.action != "send" || filled.seen != mark {
        let is_other = filled.action == "send";
        let seen = in_words(at, &ground, &bulletin, receivers, (mark, is_other));
        let errors = FormErrors::default();
        let page = page(at, &ground, sheet, filled, errors, Some(seen));
        return at.answer(&page.await?);
    }
    let of = sheet.before.as_ref().map(|told| told.row.id);
    match bulletins::send(at, of, bulletin).await {
        Ok(id) => Ok(Done::BulletinSaid.then(&path_of(id))),
        Err(Error::Invalid(lacking)) => {
            let page = page(at, &ground, sheet, filled, lacking.into(), None);
            at.answer_again(&page.await?)
        }
        Err(error) => Err(error),
    }
}

/// What was looked at: what is said, from when to when, and whom it reaches.
fn mark_of(filled: &Filled, bulletin: &Bulletin, receivers: &[Receiver]) -> Result<String> {
    let mut stable = bulletin.clone();
    // What begins at once begins later each time it is looked at.
    if filled.from.trim().is_empty() {
        stable.from = 0;
    }
    if let Some(outage) = &mut stable.outage {
        stable.from = 0;
        outage.announced = 0;
    }
    let sites: Vec<Uuid> = receivers.iter().map(|one| one.site).collect();
    let told = serde_json::to_vec(&(stable, sites)).map_err(anyhow::Error::new)?;
    Ok(Digest::of(&told).to_string())
}

/// The bulletin that is filled in, or what has to be mended.
async fn checked(
    at: &AtDesk,
    ground: &Ground,
    sheet: &Sheet,
    filled: &Filled,
) -> Result<std::result::Result<Bulletin, FormErrors>> {
    let more = more(at, filled).await?;
    let now = at.site.clock.now().timestamp_millis();
    let read = Reading {
        ground,
        sheet,
        filled,
        now,
        province: at.site.unit_id,
    };
    Ok(read.bulletin(more))
}

/// The entry it leads to, or what is wrong with that.
async fn more(
    at: &AtDesk,
    filled: &Filled,
) -> Result<std::result::Result<Option<More>, &'static str>> {
    if filled.entry.trim().is_empty() {
        return Ok(Ok(None));
    }
    let Some(entry) = find_entry(&at.site, &filled.entry).await? else {
        return Ok(Err("Không tìm thấy bài này ở cổng tỉnh."));
    };
    let held = listing::find_many(at.site.db.reader(), &[entry.entry_id]).await?;
    Ok(match held.iter().find(|listed| listed.is_shown()) {
        Some(shown) => Ok(Some(more_of(at, shown))),
        None => Err("Bài này chưa hiện trên cổng tỉnh; hãy đăng bài trước."),
    })
}

fn more_of(at: &AtDesk, shown: &Listed) -> More {
    More {
        entry: shown.entry.entry_id,
        url: at.site.address(&shown.entry.path()),
    }
}

/// A form being read.
struct Reading<'a> {
    ground: &'a Ground,
    sheet: &'a Sheet,
    filled: &'a Filled,
    now: i64,
    province: Uuid,
}

impl Reading<'_> {
    fn bulletin(
        &self,
        more: std::result::Result<Option<More>, &'static str>,
    ) -> std::result::Result<Bulletin, FormErrors> {
        let (filled, mut errors) = (self.filled, FormErrors::default());
        let level = Level::parse(&filled.level);
        if level.is_none() {
            errors.add("level", "Hãy chọn mức.");
        }
        let mut line = |field: &str, words: &str, longest: usize, lacking: &str| {
            let words = one_line(words);
            if words.is_empty() {
                errors.add(field, lacking);
            } else if words.chars().count() > longest {
                errors.add(field, format!("Dài tối đa {longest} ký tự."));
            }
            words
        };
        use shared::bulletins::bulletin::{LONGEST_ISSUER, LONGEST_TEXT};
        let text = line("text", &filled.text, LONGEST_TEXT, "Hãy ghi nội dung.");
        let issuer = line(
            "issuer",
            &filled.issuer,
            LONGEST_ISSUER,
            "Hãy ghi nơi phát.",
        );
        let (reason, instead) = match self.sheet.is_outage {
            true => (
                line("reason", &filled.reason, LONGEST_TEXT, "Hãy ghi lý do."),
                line(
                    "instead",
                    &filled.instead,
                    LONGEST_TEXT,
                    "Hãy ghi nơi người dân liên hệ trong lúc đó.",
                ),
            ),
            false => Default::default(),
        };
        let more = more.unwrap_or_else(|words| {
            errors.add("entry", words);
            None
        });
        let from = self.moment("from", &filled.from, &mut errors);
        let until = self.moment("until", &filled.until, &mut errors);
        let unit = self.unit(&mut errors);
        let receivers = self.receivers(unit).unwrap_or_else(|words| {
            errors.add("to", words);
            Vec::new()
        });
        let Some(until) = until else {
            errors.add(
                "until",
                "Hãy ghi ngày và giờ hết: thông báo nào cũng phải tự hết.",
            );
            return Err(errors);
        };
        if until <= self.now {
            errors.add("until", "Lúc hết phải ở phía trước.");
        }
        if from.is_some_and(|from| from >= until) {
            errors.add("until", "Lúc hết phải sau lúc bắt đầu.");
        }
        if self.sheet.is_outage && from.is_none() {
            errors.add("from", "Hãy ghi ngày và giờ bắt đầu tạm ngừng.");
        }
        let (Some(level), true) = (level, errors.is_empty()) else {
            return Err(errors);
        };
        let before = self.sheet.before.as_ref();
        let outage = from.zip(unit).map(|(begins, unit)| {
            let known = before.and_then(|told| told.bulletin.outage.as_ref());
            let urgency = one_line(&filled.urgency);
            Outage {
                unit,
                from: begins,
                until,
                announced: announced(known, begins, self.now),
                reason,
                instead,
                urgency: (!urgency.is_empty()).then_some(urgency),
            }
        });
        // A notice stands from the moment it is said, and goes on standing when it is said otherwise.
        let stands_from = match (&outage, before) {
            (Some(_), Some(told)) => told.bulletin.from,
            (Some(_), None) => self.now,
            (None, _) => from.unwrap_or(self.now),
        };
        let bulletin = Bulletin {
            level,
            text,
            issuer,
            from: stands_from,
            until,
            receivers,
            more,
            outage,
            lifted: None,
        };
        if let Some(outage) = &bulletin.outage
            && outage.urgency.is_none()
            && !outage.is_in_time(&KNOWN)
        {
            let earliest = outage::earliest(day_of(outage.announced), &KNOWN);
            errors.add(
                "urgency",
                format!(
                    "Báo trước chưa đủ 7 ngày làm việc (sớm nhất là ngày {}). Hãy lùi lại, hoặc ghi vì sao gấp.",
                    earliest.format("%d/%m/%Y")
                ),
            );
            return Err(errors);
        }
        match bulletin.check() {
            Ok(()) => Ok(bulletin),
            Err(words) => {
                errors.add("until", format!("Chưa phát được: {words}."));
                Err(errors)
            }
        }
    }

    fn moment(&self, field: &str, typed: &str, errors: &mut FormErrors) -> Option<i64> {
        if typed.trim().is_empty() {
            return None;
        }
        let moment = vietnamese::parse_local(typed);
        if moment.is_none() {
            errors.add(field, "Ngày giờ chưa đúng. Ví dụ: 2026-12-05T07:30.");
        }
        moment.map(|moment| moment.timestamp_millis())
    }

    /// The unit whose portal is out of service.
    fn unit(&self, errors: &mut FormErrors) -> Option<Uuid> {
        if !self.sheet.is_outage {
            return None;
        }
        let before = self.sheet.before.as_ref();
        if let Some(outage) = before.and_then(|told| told.bulletin.outage.as_ref()) {
            return Some(outage.unit);
        }
        let typed: Option<Uuid> = self.filled.unit.parse().ok();
        let is_known = |unit: &Uuid| {
            *unit == self.province
                || self
                    .ground
                    .members
                    .iter()
                    .any(|member| member.unit_id == *unit)
        };
        let unit = typed.filter(is_known);
        if unit.is_none() {
            errors.add("unit", "Hãy chọn trang sẽ tạm ngừng.");
        }
        unit
    }

    fn receivers(&self, outage: Option<Uuid>) -> std::result::Result<Vec<Selector>, &'static str> {
        if let Some(told) = &self.sheet.before {
            return Ok(told.bulletin.receivers.clone());
        }
        if self.sheet.is_outage {
            return Ok(match outage {
                // All members have to do with the portal they are linked through.
                Some(unit) if unit == self.province => vec![Selector::Everyone],
                Some(unit) => vec![Selector::Unit(unit)],
                None => Vec::new(),
            });
        }
        let chosen = Chosen {
            to: &self.filled.to,
            kinds: &self.filled.kinds,
            below: &self.filled.below,
            units: &self.filled.units,
        };
        let sets = chosen.sets(self.ground);
        sets.unwrap_or(Err("Hãy chọn hiện trên trang của ai."))
    }
}

fn in_words(
    at: &AtDesk,
    ground: &Ground,
    bulletin: &Bulletin,
    receivers: Vec<Receiver>,
    (mark, is_other): (String, bool),
) -> BulletinPreview {
    let now = at.site.clock.now().timestamp_millis();
    let count = receivers.len();
    let takes = |standing: Standing| {
        let of_it = receivers.iter().filter(|one| one.standing == standing);
        of_it.count()
    };
    let standings = [
        (
            Standing::Foreign,
            "đơn vị dùng phần mềm khác: thông báo không tới được",
        ),
        (
            Standing::Suspended,
            "đơn vị đang tạm dừng: hiện khi được nối lại, nếu chưa hết hạn",
        ),
        (
            Standing::Invited,
            "đơn vị chưa vào mạng: hiện khi vào, nếu chưa hết hạn",
        ),
    ];
    let mut warnings: Vec<String> = standings
        .into_iter()
        .map(|(standing, words)| (takes(standing), words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}."))
        .collect();
    if bulletin.level == Level::Emergency {
        warnings.push(
            "Mức khẩn cấp: máy đọc màn hình ngắt lời người đang đọc. Chỉ dùng khi nguy hiểm đến tính mạng."
                .to_owned(),
        );
    }
    if bulletin.from > now {
        let from = shared::pages::cards::moment(bulletin.from).text;
        warnings.push(format!("Chưa hiện ngay: hiện từ {from}."));
    }
    let outage = bulletin.outage.as_ref();
    if outage.is_some_and(|outage| !outage.is_in_time(&KNOWN)) {
        warnings.push(
            "Báo trước chưa đủ 7 ngày làm việc: vì sao gấp được ghi lại và hiện cho người đọc."
                .to_owned(),
        );
    }
    let ourselves = Membership {
        unit: at.site.unit_id,
        is_upstream: false,
    };
    let is_here = match outage {
        Some(outage) => outage.unit == at.site.unit_id,
        None => bulletin
            .receivers
            .iter()
            .any(|set| set.selects(&ourselves, &ground.tree)),
    };
    BulletinPreview {
        title: match (outage, is_here) {
            (Some(_), true) => {
                format!("Sẽ hiện trên cổng của tỉnh và báo cho cán bộ {count} đơn vị")
            }
            (None, true) => format!("Sẽ hiện trên cổng của tỉnh và {count} đơn vị"),
            (_, false) if count == 0 => "Hiện không có đơn vị nào nhận".to_owned(),
            (_, false) => format!("Sẽ hiện trên trang của {count} đơn vị"),
        },
        line: line_of(bulletin, now, String::new(), now),
        warnings,
        receivers: receivers.into_iter().map(receiver).collect(),
        is_other,
        mark,
    }
}

async fn page(
    at: &AtDesk,
    ground: &Ground,
    sheet: &Sheet,
    filled: Filled,
    errors: FormErrors,
    preview: Option<BulletinPreview>,
) -> Result<BulletinFormPage> {
    let mut desk = at.desk(sheet.title(), bulletins::PATH).await?;
    desk.breadcrumb = bulletins::back();
    let has = |list: &[String], code: &str| list.iter().any(|one| one == code);
    let of_unit = |unit: Uuid, is_chosen: &dyn Fn(&str) -> bool| {
        let id = unit.to_string();
        let chosen = is_chosen(&id);
        Choice::new(id, ground.tree.name_of(unit), chosen)
    };
    let members = || ground.members.iter().map(|member| member.unit_id);
    let province = at.site.unit_id.to_string();
    let own = Choice::new(
        province.as_str(),
        "Cổng của tỉnh",
        filled.unit.is_empty() || filled.unit == province,
    );
    let today = day_of(at.site.clock.now().timestamp_millis());
    Ok(BulletinFormPage {
        desk,
        action: sheet.action(),
        is_outage: sheet.is_outage,
        is_change: sheet.before.is_some(),
        levels: Level::ALL
            .map(|level| {
                Choice::new(
                    level.as_str(),
                    level.label(),
                    level.as_str() == filled.level,
                )
            })
            .into(),
        to: TO
            .iter()
            .map(|(code, label)| Choice::new(*code, *label, *code == filled.to))
            .collect(),
        kinds: LEVELS
            .iter()
            .map(|(code, label)| Choice::new(*code, *label, has(&filled.kinds, code)))
            .collect(),
        below: ground
            .above()
            .into_iter()
            .map(|unit| of_unit(unit, &|id| id == filled.below))
            .collect(),
        units: members()
            .map(|unit| of_unit(unit, &|id| has(&filled.units, id)))
            .collect(),
        portals: std::iter::once(own)
            .chain(members().map(|unit| of_unit(unit, &|id| id == filled.unit)))
            .collect(),
        text: filled.text,
        issuer: filled.issuer,
        entry: filled.entry,
        from: filled.from,
        until: filled.until,
        reason: filled.reason,
        instead: filled.instead,
        urgency: filled.urgency,
        earliest: outage::earliest(today, &KNOWN)
            .format("%d/%m/%Y")
            .to_string(),
        preview,
        errors,
        cancel_url: match &sheet.before {
            Some(told) => path_of(told.row.id),
            None => bulletins::PATH.to_owned(),
        },
    })
}
