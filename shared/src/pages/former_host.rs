//! Old addresses: what was asked under a host name that was another unit's before, or this one's.
//!
//! Whose a name was and until when are dated attributes of units. So an address is known by its host, its path and
//! the day: who has a name now answers under it, and what only who had it before can know leads there. An answer
//! leads to a site of the province alone, and never back to the name that was asked.

use crate::directory::{closing, site_record};
use crate::entries::record::id_from_slug;
use crate::error::Result;
use crate::site::Site;
use crate::units;
use crate::vietnamese;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use uuid::Uuid;

/// Leads to `address` for good. Browsers ask again all the same: what was entered by mistake is mended.
pub fn redirect(address: &str) -> Option<Response> {
    let to = HeaderValue::try_from(address).ok()?;
    let headers = [
        (header::LOCATION, to),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Some((StatusCode::MOVED_PERMANENTLY, headers).into_response())
}

/// What has come of whoever had a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// Its portal, or its archive, answers here, without a slash at the end.
    At(String),
    /// It is no more, and this portal stands where its own stood.
    WentInto(String),
    /// It is no more, and several took over, or nobody who has a portal.
    Gone,
}

/// Where what was asked for as `path` under `host` is found; none where nobody knows, or where the way would lead
/// back.
pub fn location(now: &Now, host: &str, path: &str, list: Option<&str>) -> Option<String> {
    let address = match now {
        Now::At(base) => format!("{base}{path}"),
        Now::WentInto(base) => format!("{base}/"),
        Now::Gone => list?.to_owned(),
    };
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    (path.starts_with('/') && !authority.eq_ignore_ascii_case(host)).then_some(address)
}

/// What has come of `unit`.
pub async fn now_of<C: ConnectionTrait>(db: &C, unit: Uuid, now: DateTime<Utc>) -> Result<Now> {
    let site = site_record::ever_of_unit(db, unit).await?;
    if let Some(site) = site.filter(site_record::Model::is_heard) {
        return Ok(Now::At(site.base_url));
    }
    let closing = closing::of_unit(db, unit, now).await?;
    Ok(match closing.successor() {
        Some(base) => Now::WentInto(base.to_owned()),
        None => Now::Gone,
    })
}

/// Where what is asked for as `path` under `host` is found, where that was somebody's name once. `list` is where
/// those are told of that went into several.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    host: &str,
    path: &str,
    list: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let today = vietnamese::local(now).date_naive();
    for unit in units::succession::former_owners(db, today, host).await? {
        let found = location(&now_of(db, unit, now).await?, host, path, list);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether only whoever published it can know what is at `path`: an entry's page, or a file by its digest.
fn is_of_one_site(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    path.starts_with("/media/") || id_from_slug(last).is_some()
}

/// What is not known here may have been published under our name by whoever had it before.
pub async fn ask_the_one_before(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let uri = request.uri();
    let is_meant = *request.method() == Method::GET && is_of_one_site(uri.path());
    let asked = uri.path_and_query().filter(|_| is_meant);
    let asked = asked.map(ToString::to_string);
    let response = next.run(request).await;
    let Some(asked) = asked.filter(|_| response.status() == StatusCode::NOT_FOUND) else {
        return response;
    };
    let origin = site.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let found = find(site.db.reader(), host, &asked, None, site.clock.now()).await;
    match found {
        Ok(found) => found
            .and_then(|address| redirect(&address))
            .unwrap_or(response),
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_address_leads_on_and_never_back_nor_away() {
        let host = "konray.kontum.example";
        let list = Some("https://quangngai.example/don-vi#truoc-sap-nhap");
        let at = |base: &str| Now::At(base.to_owned());
        let into = |base: &str| Now::WentInto(base.to_owned());
        let moved = "https://luu-tru.konray.example";
        for (now, path, expected) in [
            (
                at(moved),
                "/bai-viet/x?a=1",
                Some("https://luu-tru.konray.example/bai-viet/x?a=1"),
            ),
            // Nothing of a path is ever taken for a host.
            (
                at(moved),
                "//evil.example/",
                Some("https://luu-tru.konray.example//evil.example/"),
            ),
            (at(moved), "@evil.example", None),
            (at("https://KonRay.kontum.example"), "/", None),
            (
                into("https://konbraih.example"),
                "/Default.aspx?id=7",
                Some("https://konbraih.example/"),
            ),
            (into("http://konray.kontum.example"), "/", None),
            (Now::Gone, "/tin", list),
        ] {
            let found = location(&now, host, path, list);
            assert_eq!(found.as_deref(), expected, "{now:?} {path}");
        }
        assert_eq!(location(&Now::Gone, host, "/", None), None);
    }

    #[test]
    fn only_what_one_site_can_know_is_asked_of_the_one_before() {
        let id = Uuid::from_u128(7).simple().to_string();
        assert!(is_of_one_site(&format!("/bai-viet/lu-quet-{id}")));
        assert!(is_of_one_site("/media/sha256/00"));
        assert!(!is_of_one_site("/wp-login.php"));
        assert!(!is_of_one_site("/bai-viet/lu-quet"));
    }
}
