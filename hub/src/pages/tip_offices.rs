//! `/quan-tri/noi-nhan-tin`: the offices that tips go to, as every member shows them.

use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::audit::{self, Action, Kind, Subject};
use shared::citizens::tip_office::{self, LONGEST, MOST, TipOffice};
use shared::error::Result;
use shared::newsroom::form::Check;
use shared::pages::citizens::units;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::{TipOfficeRow, TipOfficesPage};
use shared::pages::view::FormErrors;
use std::sync::Arc;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/noi-nhan-tin";

/// What is sent: a new office, or the unit of one that is taken off the list.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    unit: String,
    name: String,
    about: String,
    key: String,
}

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let page = page(&at, Sent::default(), FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn change(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let mut offices = tip_office::all(at.site.db.reader()).await?;
    let unit: Option<Uuid> = sent.unit.parse().ok();
    let action = match sent.action.as_str() {
        "remove" => {
            offices.retain(|office| Some(office.unit) != unit);
            Action::TipOfficeRemoved
        }
        _ => match checked(&at, &sent, offices.len()).await? {
            Ok(office) => {
                // An office that changes its key is listed once.
                offices.retain(|known| known.unit != office.unit);
                offices.push(office);
                Action::TipOfficeListed
            }
            Err(errors) => {
                let page = page(&at, sent, errors).await?;
                return at.answer_again(&page);
            }
        },
    };
    let (site, by) = (Arc::clone(&at.site), at.user.actor());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = site.clock.now().timestamp_millis();
                tip_office::set(tx, &offices).await?;
                site.role.lists_changed(tx, &site).await?;
                let subject = Subject::of(Kind::Setting, "tip_offices");
                audit::record(tx, &by, action, subject, now).await
            })
        })
        .await?;
    at.site.wake();
    Ok(Redirect::to(PATH).into_response())
}

async fn checked(
    at: &AtDesk,
    sent: &Sent,
    known: usize,
) -> Result<std::result::Result<TipOffice, FormErrors>> {
    let mut check = Check::default();
    let name = check.line("name", &sent.name, LONGEST);
    let about = check.line("about", &sent.about, LONGEST);
    for (field, line, missing) in [
        ("name", &name, "Hãy ghi tên cơ quan."),
        ("about", &about, "Hãy ghi nhận tin về việc gì."),
    ] {
        if line.is_empty() {
            check.say(field, missing);
        }
    }
    let key = sent.key.parse();
    if key.is_err() {
        check.say(
            "key",
            "Khóa chưa đúng: chép cả dòng khóa ở trang “Tin báo kín” của cơ quan.",
        );
    }
    let unit = sent.unit.parse().unwrap_or_default();
    if !units::is_reached(&at.site, unit).await? {
        check.say("unit", "Hãy chọn đơn vị có trang liên thông.");
    }
    if known >= MOST {
        check.say("", "Danh sách đã đủ 20 cơ quan.");
    }
    Ok(match (check.done(()), key) {
        (Ok(()), Ok(key)) => Ok(TipOffice {
            unit,
            name,
            about,
            key,
        }),
        (Err(errors), _) => Err(errors.into()),
        (Ok(()), Err(_)) => Err(FormErrors::default()),
    })
}

async fn page(at: &AtDesk, sent: Sent, errors: FormErrors) -> Result<TipOfficesPage> {
    let offices = tip_office::all(at.site.db.reader()).await?;
    let ids: Vec<Uuid> = offices.iter().map(|office| office.unit).collect();
    let names = units::names(&at.site, &ids).await?;
    let rows = offices.into_iter().map(|office| TipOfficeRow {
        unit: office.unit.to_string(),
        site: units::name_in(&names, office.unit, &at.site),
        print: office.key.fingerprint(),
        name: office.name,
        about: office.about,
    });
    let chosen = sent.unit.parse().unwrap_or(at.site.unit_id);
    Ok(TipOfficesPage {
        desk: at.desk("Nơi nhận tin báo kín", PATH).await?,
        action: PATH,
        rows: rows.collect(),
        units: units::choices(&at.site, chosen).await?,
        name: sent.name,
        about: sent.about,
        key: sent.key,
        errors,
    })
}
