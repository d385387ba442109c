//! `/quan-tri/diem-so`: how the province ranks this unit, number by number, and what people here say to that.

use super::around::{self, AtDesk, Done};
use crate::accounts::Right;
use crate::audit::{self, Action, Kind, Subject};
use crate::error::{Error, Result};
use crate::pages::templates::{
    OwnRankingPage, OwnRankingRow, OwnRankingSaid, OwnRankingsPage, RankingForm,
};
use crate::pages::view::{Badge, FormErrors, Link, Tone};
use crate::pages::{cards, ranking};
use crate::ranking::sheet::Sheet;
use crate::ranking::{Points, rows, said, told};
use crate::screening;
use crate::vietnamese;
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// All periods.
pub(super) const PATH: &str = "/quan-tri/diem-so";
/// One of them.
pub(super) const ONE: &str = "/quan-tri/diem-so/{period}";
/// The rows behind a number of it.
pub(super) const EVIDENCE: &str = "/quan-tri/diem-so/{period}/minh-chung";
/// What it is called.
pub(super) const NAME: &str = "Điểm tỉnh chấm";

fn path_of(period: Uuid) -> String {
    ONE.replace("{period}", &period.to_string())
}

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let mut rows = Vec::new();
    for told in told::all(at.site.db.reader()).await? {
        let sheet = told.sheet()?;
        let total = sheet.total();
        rows.push(OwnRankingRow {
            label: sheet.label.clone(),
            url: path_of(told.period_id),
            state: ranking::badge(sheet.state),
            points: total.map_or("–".to_owned(), |total| total.points().shown()),
            place: total.map_or("–".to_owned(), |total| ranking::place(total.overall)),
            class: sheet.class.clone(),
            window: window(&at, &sheet),
        });
    }
    at.answer(&OwnRankingsPage {
        desk: at.desk(NAME, PATH).await?,
        rows,
    })
}

/// Until when people may say something, while they may.
fn window(at: &AtDesk, sheet: &Sheet) -> Option<String> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let until = sheet.window_until.filter(|_| sheet.is_window_open(today))?;
    Some(format!(
        "Tự đánh giá, giải trình đến hết ngày {}",
        cards::day(until).text
    ))
}

async fn find(at: &AtDesk, period: &str) -> Result<(told::Model, Sheet)> {
    let period: Uuid = period.parse().map_err(|_| Error::NotFound)?;
    let told = told::find(at.site.db.reader(), period).await?;
    let told = told.ok_or(Error::NotFound)?;
    let sheet = told.sheet()?;
    Ok((told, sheet))
}

pub(super) async fn show(at: AtDesk, Path(period): Path<String>) -> Result<Response> {
    let found = find(&at, &period).await?;
    let page = page(&at, &found, &Sent::default(), FormErrors::default()).await?;
    at.answer(&page)
}

/// Which number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "so-lieu")]
    number: Option<String>,
}

/// The rows behind a number, the first if none is named, as the province looks them up now.
pub(super) async fn evidence(
    at: AtDesk,
    Path(period): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let (told, sheet) = find(&at, &period).await?;
    let is_asked = |code: &str| asked.number.as_ref().is_none_or(|asked| asked == code);
    let number = sheet.numbers.iter().find(|one| is_asked(&one.code));
    let number = number.ok_or(Error::NotFound)?;
    let rows = rows::ask(&at.site, &told, &number.code).await?;
    let mut desk = at.desk(&number.label, PATH).await?;
    desk.breadcrumb = vec![
        Link::new(NAME, PATH),
        Link::new(&sheet.label, path_of(told.period_id)),
    ];
    let unit = cards::capitalised(&at.site.profile.unit_name);
    at.answer(&ranking::evidence(desk, &unit, rows))
}

/// What is sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    indicator: String,
    points: String,
    evidence: String,
    words: String,
}

impl Sent {
    fn filled(&self) -> Result<said::Filled> {
        let filled = |points, words: &str| said::Filled {
            indicator: self.indicator.clone(),
            points,
            words: words.to_owned(),
        };
        match self.action.as_str() {
            "self" => {
                let points = Points::typed(&self.points)
                    .ok_or_else(|| Error::invalid("points", "Hãy ghi điểm, ví dụ 7,5."))?;
                Ok(filled(Some(points), &self.evidence))
            }
            "object" => Ok(filled(None, &self.words)),
            _ => Err(Error::invalid("", "Hãy chọn việc cần gửi.")),
        }
    }
}

pub(super) async fn say(
    at: AtDesk,
    Path(period): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let found = find(&at, &period).await?;
    let kept = match sent.filled() {
        Ok(filled) => keep(&at, found.0.period_id, filled).await,
        Err(error) => Err(error),
    };
    match screening::told(&at.site, at.user.id(), kept).await {
        Ok(()) => {
            at.site.wake();
            Ok(Done::RankingObjected.then(&path_of(found.0.period_id)))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &found, &sent, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn keep(at: &AtDesk, period: Uuid, filled: said::Filled) -> Result<()> {
    let by = format!("{} ({})", at.user.account.name, at.roles());
    let (site, actor) = (Arc::clone(&at.site), at.user.actor());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                said::say(tx, &site, period, filled, &by).await?;
                let now = site.clock.now().timestamp_millis();
                let subject = Subject::of(Kind::Ranking, period);
                audit::record(tx, &actor, Action::RankingObjected, subject, now).await
            })
        })
        .await
}

async fn page(
    at: &AtDesk,
    (told, sheet): &(told::Model, Sheet),
    sent: &Sent,
    errors: FormErrors,
) -> Result<OwnRankingPage> {
    let mut desk = at.desk(&sheet.label, PATH).await?;
    desk.breadcrumb = vec![Link::new(NAME, PATH)];
    let window = window(at, sheet);
    // What nothing is known of has no rows either.
    let rows_of = |number: &str| {
        let is_known = sheet.numbers.iter().any(|one| one.code == number);
        let path = EVIDENCE.replace("{period}", &told.period_id.to_string());
        is_known.then(|| around::address(&path, [("so-lieu", number)]))
    };
    let said = said::of_period(at.site.db.reader(), told.period_id).await?;
    Ok(OwnRankingPage {
        desk,
        state: ranking::badge(sheet.state),
        facts: vec![
            format!("số liệu lúc {}", cards::moment(sheet.counted_at).text),
            sheet.group.clone(),
            format!("xếp loại {}", sheet.class),
            format!("bộ chỉ số {}", sheet.scheme),
        ],
        heard_at: cards::moment(told.received_at),
        published: sheet
            .url
            .as_ref()
            .map(|url| Link::new("Bảng xếp hạng đã công bố và số liệu gốc", url.clone())),
        reached: ranking::reached(sheet, rows_of, &sent.indicator),
        on_the_way: on_the_way(sheet, &said)
            .into_iter()
            .map(|one| OwnRankingSaid {
                indicator: ranking::title(sheet, &one.indicator),
                words: match one.points {
                    Some(points) => format!("{} điểm. {}", Points(points).shown(), one.words),
                    None => one.words.clone(),
                },
                by: one.said_by.clone(),
                at: cards::moment(one.said_at),
                state: match one.turned_away {
                    Some(_) => Badge::new("Tỉnh không nhận", Tone::Bad),
                    None => Badge::new("Đang gửi", Tone::Info),
                },
                why: one.turned_away.clone(),
            })
            .collect(),
        may_say: window.is_some() && at.user.may(Right::ObjectToRanking),
        window,
        form: RankingForm {
            points: sent.points.clone(),
            evidence: sent.evidence.clone(),
            words: sent.words.clone(),
            ..RankingForm::default()
        },
        action: path_of(told.period_id),
        errors,
    })
}

/// What the province does not have, by the numbers it told since, and what it did not take; of `said`, the newest first.
fn on_the_way<'a>(sheet: &Sheet, said: &'a [said::Model]) -> Vec<&'a said::Model> {
    let mut scored = HashSet::new();
    let has_arrived = |one: &said::Model| match one.points {
        None => sheet.objections.iter().any(|has| has.id == one.id),
        Some(points) => sheet
            .self_scores
            .get(&one.indicator)
            .is_some_and(|own| own.points == points && own.evidence == one.words),
    };
    let mut is_on_the_way = |one: &said::Model| {
        if one.turned_away.is_some() {
            return true;
        }
        // Of the scores of an indicator the last counts.
        let is_last = one.points.is_none() || scored.insert(one.indicator.clone());
        is_last && !has_arrived(one)
    };
    said.iter().filter(|one| is_on_the_way(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::sheet::SelfScore;
    use crate::ranking::tests::sheet;

    fn said(points: Option<i64>, words: &str, turned_away: Option<&str>) -> said::Model {
        said::Model {
            id: Uuid::now_v7(),
            period_id: Uuid::nil(),
            indicator: "I1".to_owned(),
            points,
            words: words.to_owned(),
            said_by: "Y Thử".to_owned(),
            said_at: 0,
            turned_away: turned_away.map(str::to_owned),
        }
    }

    #[test]
    fn a_score_is_on_its_way_until_the_last_of_its_kind_has_arrived() {
        let taken = |points, words: &str| {
            let evidence = words.to_owned();
            let mut told = sheet();
            told.self_scores.clear();
            told.self_scores
                .insert("I1".to_owned(), SelfScore { points, evidence });
            told
        };
        let (second, first) = (said(Some(900), "sổ", None), said(Some(800), "sổ", None));
        let all = [second.clone(), first];
        let words = |told: &Sheet, said: &[said::Model]| -> Vec<Option<i64>> {
            on_the_way(told, said)
                .iter()
                .map(|one| one.points)
                .collect()
        };
        assert_eq!(words(&taken(800, "sổ"), &all), [Some(900)]);
        assert_eq!(words(&taken(900, "sổ"), &all), []);

        // What was not taken stays, and hides nothing that was.
        let late = [said(Some(950), "sổ", Some("Đã hết hạn.")), second];
        assert_eq!(words(&taken(900, "sổ"), &late), [Some(950)]);
        let objection = [said(None, "Còn một câu.", None)];
        assert_eq!(words(&taken(900, "sổ"), &objection), [None]);
    }
}
