//! `/quan-tri/don-vi/{site}/khoa`: the keys of a member, and what to do when one was stolen.

use super::{bundle, members, quarantine};
use crate::members::invitation::LIFETIME;
use crate::members::{keys, registry};
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::directory::{Purpose, State, key_record, site_record};
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::{EnrolledPage, KeysPage};
use shared::pages::view::{FormErrors, KeyRow};
use shared::vietnamese;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/don-vi/{site}/khoa";

/// The page of `site`.
pub(super) fn path_of(site: Uuid) -> String {
    PATH.replace("{site}", &site.to_string())
}

pub(super) async fn show(at: AtDesk, Path(site): Path<Uuid>) -> Result<Response> {
    let now = vietnamese::local(at.site.clock.now());
    let since = now.format("%Y-%m-%dT%H:%M").to_string();
    at.answer(&page(&at, site, since, FormErrors::default()).await?)
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(super) struct Filled {
    csrf: String,
    action: String,
    #[serde(default)]
    since: String,
}

pub(super) async fn change(
    at: AtDesk,
    Path(site): Path<Uuid>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    match filled.action.as_str() {
        "invite" => invite(&at, site).await,
        "revoke" => {
            let since = vietnamese::parse_local(&filled.since);
            let since = since.filter(|since| *since <= at.site.clock.now());
            let Some(since) = since else {
                let mut errors = FormErrors::default();
                errors.add("since", "Hãy nhập một thời điểm đã qua.");
                return at.answer_again(&page(&at, site, filled.since, errors).await?);
            };
            let revoked = keys::revoke(&at.site, site, None, since, &at.user.actor()).await?;
            tracing::warn!(
                by = at.user.account.login,
                site.id = %site,
                distrusted = revoked.distrusted,
                "the keys of a member were revoked"
            );
            let path = match revoked.distrusted {
                0 => path_of(site),
                _ => quarantine::PATH.to_owned(),
            };
            Ok(Redirect::to(&path).into_response())
        }
        _ => Err(Error::NotFound),
    }
}

async fn invite(at: &AtDesk, site: Uuid) -> Result<Response> {
    let record = site_record::find(at.site.db.reader(), site)
        .await?
        .ok_or(Error::NotFound)?;
    let code = registry::invite_again(&at.site, site, &at.user.actor()).await?;
    let code = code.as_str().to_owned();
    let hub = at.site.origin();
    // Who came once has a folder with all it wrote.
    let has_come = record.state != State::Invited.as_str();
    let command = match has_come {
        true => format!("member-site rekey --dir /var/lib/lien-cong --hub {hub} --code {code}"),
        false => format!(
            "member-site join --dir /var/lib/lien-cong --hub {hub} --code {code} --base-url {}",
            record.base_url
        ),
    };
    let expires = (at.site.clock.now() + LIFETIME).timestamp_millis();
    at.answer(&EnrolledPage {
        desk: at.desk("Đã cấp mã mới", members::PATH).await?,
        name: record.title.clone(),
        code,
        expires: cards::moment(expires),
        command,
        bundle_url: (!has_come).then(|| bundle::path_of(site)),
        member_url: super::member::path_of(site),
    })
}

async fn page(at: &AtDesk, site: Uuid, since: String, errors: FormErrors) -> Result<KeysPage> {
    let db = at.site.db.reader();
    let record = site_record::find(db, site).await?;
    let record = record.filter(|record| record.id != at.site.id && !record.is_feed());
    let record = record.ok_or(Error::NotFound)?;
    let mut known = key_record::of_site(db, site).await?;
    known.reverse();
    let now = at.site.clock.now().timestamp_millis();
    let is_in_use = |key: &key_record::Model| {
        key.revoked_at.is_none() && key.valid_to.is_none_or(|to| to >= now)
    };
    Ok(KeysPage {
        desk: at.desk("Khóa của đơn vị", members::PATH).await?,
        action: path_of(site),
        name: record.title,
        revocable: known.iter().any(|key| key.revoked_at.is_none()),
        needs_code: !known.iter().any(is_in_use),
        keys: known.iter().map(|key| row(key, is_in_use(key))).collect(),
        since,
        errors,
        members_url: members::PATH.to_owned(),
    })
}

fn row(key: &key_record::Model, is_in_use: bool) -> KeyRow {
    let state = match (key.purpose(), key.revoked_at, is_in_use) {
        (_, Some(_), _) => "đã thu hồi",
        (Purpose::Emergency, None, _) => "khẩn cấp",
        (_, None, true) if key.valid_to.is_some() => "đã thay, còn dùng chung",
        (_, None, true) => "đang dùng",
        (_, None, false) => "đã thay",
    };
    KeyRow {
        id: key.key_id.clone(),
        state: state.to_owned(),
        from: cards::moment(key.valid_from),
        to: key.revoked_at.or(key.valid_to).map(cards::moment),
        cut: key.revoked_since.map(cards::moment),
    }
}
