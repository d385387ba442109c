//! `/quan-tri/tuyen-tin/moi`, `/quan-tri/tuyen-tin/{route}`: a route is written, looked at with all whom it would
//! reach, and only then put in force.

use super::receivers::{Chosen, Ground, receiver};
use super::routes::{self, LEVELS, PLACEMENTS};
use crate::routing::preview::{self, LOOKED_BACK, Preview, Standing};
use crate::routing::{Moment, Route, Source, route};
use axum::extract::Path;
use axum::response::Response;
use axum_extra::extract::Form;
use serde::Deserialize;
use shared::audit::{self, Action, Kind, Subject};
use shared::entries::{self, Mode, section};
use shared::error::Result;
use shared::log::{Digest, Lane};
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::RouteFormPage;
use shared::pages::view::{Choice, FormErrors, RoutePreview};
use shared::site::Site;
use shared::sync::Selector;
use shared::vietnamese::grouped;
use uuid::Uuid;

/// The form of a new route.
pub(super) const NEW: &str = "/quan-tri/tuyen-tin/moi";
/// The form of a route that is there.
pub(super) const ONE: &str = "/quan-tri/tuyen-tin/{route}";

/// The form of `route`.
pub(super) fn path_of(route: Uuid) -> String {
    ONE.replace("{route}", &route.to_string())
}

/// Whose entries, besides those of one unit (`unit:`), of one kind (`level:`) or below one (`below:`).
const OWN: &str = "own";
const MEMBERS: &str = "members";
/// To whom.
const TO: [(&str, &str); 5] = [
    ("everyone", "Mọi đơn vị"),
    ("levels", "Theo loại đơn vị"),
    ("below", "Một đơn vị và các đơn vị bên dưới"),
    ("units", "Những đơn vị được chọn"),
    ("province", "Cổng của tỉnh"),
];
const MOMENTS: [(Moment, &str); 2] = [
    (Moment::Arrival, "ngay khi tin đến tỉnh"),
    (Moment::Acceptance, "sau khi tỉnh tiếp nhận"),
];
const LANES: [(&str, &str); 2] = [
    ("", "thường"),
    ("urgent", "khẩn: đi trước mọi thứ đang chờ"),
];
/// The longest name.
const LONGEST_NAME: usize = 120;

/// What is filled in. The names of the fields are the form's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    /// `preview` or `save`.
    action: String,
    name: String,
    from: String,
    sections: Vec<String>,
    kinds: Vec<String>,
    to: String,
    levels: Vec<String>,
    below: String,
    units: Vec<String>,
    mode: String,
    moment: String,
    lane: String,
    /// The mark of what was looked at before.
    seen: String,
}

impl Filled {
    /// What a new route begins with.
    fn new() -> Self {
        Self {
            from: OWN.to_owned(),
            to: TO[0].0.to_owned(),
            mode: PLACEMENTS[0].0.as_str().to_owned(),
            moment: Moment::Arrival.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// A route as the form shows it.
    fn of(site: &Site, route: &Route) -> Self {
        let mut filled = Self {
            name: route.name.clone(),
            from: match &route.source.from {
                None => MEMBERS.to_owned(),
                Some(Selector::Unit(unit)) if *unit == site.unit_id => OWN.to_owned(),
                Some(Selector::Unit(unit)) => format!("unit:{unit}"),
                Some(Selector::Subtree(unit)) => format!("below:{unit}"),
                Some(Selector::Level(kind)) => format!("level:{kind}"),
                Some(Selector::Everyone | Selector::Upstream) => String::new(),
            },
            sections: route.source.sections.clone(),
            kinds: route.source.kinds.clone(),
            mode: route.mode.as_str().to_owned(),
            moment: route.moment.as_str().to_owned(),
            lane: route.lane.map(|lane| lane.to_string()).unwrap_or_default(),
            ..Self::default()
        };
        for target in &route.targets {
            let to = match target {
                Selector::Everyone | Selector::Upstream => "everyone",
                Selector::Level(kind) => {
                    filled.levels.push(kind.clone());
                    "levels"
                }
                Selector::Subtree(unit) => {
                    filled.below = unit.to_string();
                    "below"
                }
                Selector::Unit(unit) if *unit == site.unit_id => "province",
                Selector::Unit(unit) => {
                    filled.units.push(unit.to_string());
                    "units"
                }
            };
            to.clone_into(&mut filled.to);
        }
        filled
    }
}

pub(super) async fn begin(at: AtDesk) -> Result<Response> {
    let ground = Ground::read(&at.site).await?;
    let sections = section::all(at.site.db.reader()).await?;
    let form = Editing {
        at: &at,
        ground: &ground,
        sections: &sections,
        action: NEW.to_owned(),
    };
    at.answer(
        &form
            .page(Filled::new(), FormErrors::default(), None)
            .await?,
    )
}

pub(super) async fn open(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let route = route::find(at.site.db.reader(), id).await?;
    let ground = Ground::read(&at.site).await?;
    let sections = section::all(at.site.db.reader()).await?;
    let form = Editing {
        at: &at,
        ground: &ground,
        sections: &sections,
        action: path_of(id),
    };
    let filled = Filled::of(&at.site, &route);
    at.answer(&form.page(filled, FormErrors::default(), None).await?)
}

pub(super) async fn add(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    decide(at, None, filled).await
}

pub(super) async fn change(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    let route = route::find(at.site.db.reader(), id).await?;
    decide(at, Some(route), filled).await
}

/// Shows what the route would do; puts it in force if just that was looked at before.
async fn decide(at: AtDesk, before: Option<Route>, filled: Filled) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let ground = Ground::read(&at.site).await?;
    let sections = section::all(at.site.db.reader()).await?;
    let form = Editing {
        at: &at,
        ground: &ground,
        sections: &sections,
        action: before
            .as_ref()
            .map_or_else(|| NEW.to_owned(), |before| path_of(before.id)),
    };
    let mut route = match checked(&at.site, &ground, &sections, &filled) {
        Ok(route) => route,
        Err(errors) => return at.answer_again(&form.page(filled, errors, None).await?),
    };
    if let Some(before) = &before {
        (route.id, route.active) = (before.id, before.active);
    }
    let db = at.site.db.reader();
    let own = (at.site.id, at.site.unit_id);
    let seen = preview::preview(db, &route, own, at.site.clock.now()).await?;
    let mark = mark_of(&route, &seen)?;
    if filled.action != "save" || filled.seen != mark {
        let is_other = filled.action == "save";
        let shown = in_words(&route, seen, mark, is_other);
        let page = form
            .page(filled, FormErrors::default(), Some(shown))
            .await?;
        return at.answer(&page);
    }
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let action = match before.is_some() {
                    true => {
                        route::replace(tx, &route).await?;
                        Action::RouteChanged
                    }
                    false => {
                        route::add(tx, &route).await?;
                        Action::RouteAdded
                    }
                };
                let subject = Subject::of(Kind::Route, route.id);
                audit::record(tx, &by, action, subject, now).await
            })
        })
        .await?;
    Ok(Done::RouteSaved.then(routes::PATH))
}

/// What was looked at: the rule and whom it reaches, without what goes by meanwhile.
fn mark_of(route: &Route, seen: &Preview) -> Result<String> {
    let sites: Vec<Uuid> = seen.receivers.iter().map(|one| one.site).collect();
    let told = serde_json::to_vec(&(
        &route.source,
        &route.targets,
        route.mode.as_str(),
        route.moment.as_str(),
        route.lane.map(|lane| lane.to_string()),
        sites,
        seen.to_province,
    ));
    Ok(Digest::of(&told.map_err(anyhow::Error::new)?).to_string())
}

fn checked(
    site: &Site,
    ground: &Ground,
    sections: &[section::Model],
    filled: &Filled,
) -> std::result::Result<Route, FormErrors> {
    let mut errors = FormErrors::default();
    let mode = PLACEMENTS
        .iter()
        .map(|(mode, _)| *mode)
        .find(|mode| mode.as_str() == filled.mode);
    if mode.is_none() {
        errors.add("mode", "Hãy chọn cách đăng ở nơi nhận.");
    }
    let moment = Moment::parse(&filled.moment);
    if moment.is_none() {
        errors.add("moment", "Hãy chọn lúc gửi.");
    }
    if filled.name.chars().count() > LONGEST_NAME {
        errors.add("name", "Tên tuyến dài quá 120 chữ.");
    }
    let from = from(site, ground, &filled.from);
    if from.is_none() {
        errors.add("from", "Hãy chọn tin của ai.");
    }
    let known = |code: &String| sections.iter().any(|section| section.code == *code);
    if !filled.sections.iter().all(known) {
        errors.add("sections", "Có chuyên mục không còn nữa. Hãy chọn lại.");
    }
    let is_kind = |code: &String| entries::Kind::parse(code).is_some();
    if !filled.kinds.iter().all(is_kind) {
        errors.add("kinds", "Hãy chọn lại loại nội dung.");
    }
    let targets = targets(site, ground, filled).unwrap_or_else(|error| {
        errors.add("to", error);
        Vec::new()
    });
    if from == Some(Some(Selector::Unit(site.unit_id))) && moment == Some(Moment::Acceptance) {
        errors.add(
            "moment",
            "Tin của tỉnh không qua bước tiếp nhận. Hãy chọn gửi ngay.",
        );
    }
    let (Some(mode), Some(moment), Some(from), true) = (mode, moment, from, errors.is_empty())
    else {
        return Err(errors);
    };
    let source = Source {
        from,
        sections: filled.sections.clone(),
        kinds: filled.kinds.clone(),
    };
    let mut route = Route::new(&filled.name, source, Selector::Everyone, mode, moment);
    route.targets = targets;
    route.lane = (filled.lane == "urgent").then_some(Lane::Urgent);
    route.name = match filled.name.trim() {
        "" => named(site, ground, &route),
        name => name.to_owned(),
    };
    Ok(route)
}

/// Whose entries: `None` for no answer, `Some(None)` for those of all members.
#[expect(
    clippy::option_option,
    reason = "no answer is not the same as no narrowing"
)]
fn from(site: &Site, ground: &Ground, filled: &str) -> Option<Option<Selector>> {
    let selector = match filled {
        OWN => Selector::Unit(site.unit_id),
        MEMBERS => return Some(None),
        other => match other.split_once(':')? {
            ("level", kind) if LEVELS.iter().any(|(code, _)| *code == kind) => {
                Selector::Level(kind.to_owned())
            }
            ("unit", unit) => Selector::Unit(ground.unit(unit)?),
            ("below", unit) => Selector::Subtree(ground.unit(unit)?),
            _ => return None,
        },
    };
    Some(Some(selector))
}

fn targets(
    site: &Site,
    ground: &Ground,
    filled: &Filled,
) -> std::result::Result<Vec<Selector>, &'static str> {
    if filled.to == "province" {
        return Ok(vec![Selector::Unit(site.unit_id)]);
    }
    let chosen = Chosen {
        to: &filled.to,
        kinds: &filled.levels,
        below: &filled.below,
        units: &filled.units,
    };
    let sets = chosen.sets(ground);
    sets.unwrap_or(Err("Hãy chọn nơi nhận."))
}

/// A name for who gave none.
fn named(site: &Site, ground: &Ground, route: &Route) -> String {
    let words = |set: &Selector| match set {
        Selector::Unit(_) => routes::in_words(site, set, &ground.tree),
        set => routes::in_words(site, set, &ground.tree).to_lowercase(),
    };
    let from = match &route.source.from {
        Some(Selector::Unit(unit)) if *unit == site.unit_id => "tỉnh".to_owned(),
        Some(from) => words(from),
        None => "các đơn vị".to_owned(),
    };
    let to = match route.targets.as_slice() {
        [one] => words(one),
        many => format!("{} nơi", many.len()),
    };
    format!("Tin của {from} đến {to}")
}

fn in_words(route: &Route, seen: Preview, mark: String, is_other: bool) -> RoutePreview {
    let count = seen.receivers.len();
    let takes = |standing: Standing| {
        let of_it = seen.receivers.iter().filter(|one| one.standing == standing);
        of_it.count()
    };
    let warnings = [
        (
            takes(Standing::Foreign),
            "đơn vị dùng phần mềm khác: tỉnh không gửi tới được, họ chỉ đọc được nguồn tin của tỉnh",
        ),
        (
            takes(Standing::Suspended),
            "đơn vị đang tạm dừng: nhận khi được nối lại",
        ),
        (
            takes(Standing::Invited),
            "đơn vị chưa vào mạng: nhận khi vào",
        ),
    ];
    let mut warnings: Vec<String> = warnings
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}."))
        .collect();
    if count == 0 && !seen.to_province {
        warnings.push("Hiện không có đơn vị nào nhận theo tuyến này.".to_owned());
    }
    if route.mode == Mode::Mandatory {
        warnings
            .push("Tin hiện ngay trên trang của nơi nhận, không qua người duyệt ở đó.".to_owned());
    }
    let to_province = match seen.to_province {
        true if count == 0 => "Cổng của tỉnh nhận".to_owned(),
        true => format!("Cổng của tỉnh và {count} đơn vị nhận"),
        false => format!("{count} đơn vị nhận"),
    };
    RoutePreview {
        mark,
        is_other,
        title: to_province,
        receivers: seen.receivers.into_iter().map(receiver).collect(),
        others: seen.others,
        warnings,
        carried: match seen.carried {
            0 => format!("Trong {LOOKED_BACK} ngày qua không có tin nào thuộc tuyến này."),
            carried => format!(
                "Trong {LOOKED_BACK} ngày qua có {} tin thuộc tuyến này{}",
                grouped(carried),
                if seen.examples.is_empty() {
                    "."
                } else {
                    ", mới nhất:"
                }
            ),
        },
        examples: seen
            .examples
            .into_iter()
            .map(|(title, unit)| format!("{title} ({unit})"))
            .collect(),
    }
}

/// The form on its page.
struct Editing<'a> {
    at: &'a AtDesk,
    ground: &'a Ground,
    sections: &'a [section::Model],
    action: String,
}

impl Editing<'_> {
    async fn page(
        &self,
        filled: Filled,
        errors: FormErrors,
        preview: Option<RoutePreview>,
    ) -> Result<RouteFormPage> {
        let title = match self.action == NEW {
            true => "Thêm tuyến",
            false => "Sửa tuyến",
        };
        let mut desk = self.at.desk(title, routes::PATH).await?;
        desk.breadcrumb = routes::back();
        let choices = |all: &[(&str, &str)], chosen: &str| {
            all.iter()
                .map(|(code, label)| Choice::new(*code, *label, *code == chosen))
                .collect()
        };
        let has = |list: &[String], code: &str| list.iter().any(|one| one == code);
        let name_of = |unit| self.ground.tree.name_of(unit);
        let above = self.ground.above();
        Ok(RouteFormPage {
            desk,
            action: self.action.clone(),
            from: self.from(&filled.from, &above),
            sections: self
                .sections
                .iter()
                .map(|section| {
                    Choice::new(
                        &section.code,
                        &section.name,
                        has(&filled.sections, &section.code),
                    )
                })
                .collect(),
            kinds: entries::Kind::ALL
                .into_iter()
                .map(|kind| {
                    Choice::new(
                        kind.as_str(),
                        kind.label(),
                        has(&filled.kinds, kind.as_str()),
                    )
                })
                .collect(),
            to: choices(&TO, &filled.to),
            levels: LEVELS
                .iter()
                .map(|(code, label)| Choice::new(*code, *label, has(&filled.levels, code)))
                .collect(),
            below: above
                .iter()
                .map(|unit| {
                    let id = unit.to_string();
                    let chosen = id == filled.below;
                    Choice::new(id, name_of(*unit), chosen)
                })
                .collect(),
            units: self
                .ground
                .members
                .iter()
                .map(|member| {
                    let id = member.unit_id.to_string();
                    let chosen = has(&filled.units, &id);
                    Choice::new(id, name_of(member.unit_id), chosen)
                })
                .collect(),
            modes: PLACEMENTS
                .iter()
                .map(|(mode, label)| {
                    Choice::new(mode.as_str(), *label, mode.as_str() == filled.mode)
                })
                .collect(),
            moments: MOMENTS
                .iter()
                .map(|(moment, label)| {
                    Choice::new(moment.as_str(), *label, moment.as_str() == filled.moment)
                })
                .collect(),
            lanes: choices(&LANES, &filled.lane),
            name: filled.name,
            errors,
            preview,
            cancel_url: routes::PATH.to_owned(),
        })
    }

    fn from(&self, chosen: &str, above: &[Uuid]) -> Vec<Choice> {
        let choice = |code: String, label: String| {
            let is_it = code == chosen;
            Choice::new(code, label, is_it)
        };
        let tree = &self.ground.tree;
        let mut from = vec![
            choice(OWN.to_owned(), "Tin của tỉnh".to_owned()),
            choice(MEMBERS.to_owned(), "Tin của mọi đơn vị".to_owned()),
        ];
        from.extend(LEVELS.iter().map(|(code, label)| {
            choice(
                format!("level:{code}"),
                format!("Tin của {}", label.to_lowercase()),
            )
        }));
        from.extend(above.iter().map(|unit| {
            let name = tree.name_of(*unit);
            choice(
                format!("below:{unit}"),
                format!("Tin của {name} và các đơn vị bên dưới"),
            )
        }));
        from.extend(self.ground.members.iter().map(|member| {
            let unit = member.unit_id;
            let name = tree.name_of(unit);
            choice(format!("unit:{unit}"), format!("Tin của {name}"))
        }));
        from
    }
}
