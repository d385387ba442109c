//! What an archive answers: it reads out and takes nothing in, and who asks for a service is led to whoever offers
//! it now.

use super::citizens::{ASK, FOLLOW, REPORT, TELL};
use super::former_host::redirect;
use crate::directory::closing;
use crate::error::{CONFIRM_PATH, Error, Result, SIGN_IN_PATH};
use crate::site::Site;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What people of a closed site still do at its desk: come, go, and look after their accounts.
const AT_THE_DESK: [&str; 7] = [
    SIGN_IN_PATH,
    CONFIRM_PATH,
    "/quan-tri/dang-xuat",
    "/quan-tri/tai-khoan",
    "/quan-tri/nguoi-dung",
    "/quan-tri/loi-moi",
    "/quan-tri/khoi-tao",
];

/// What becomes of a request to an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treated {
    /// It is answered as ever.
    Served,
    /// It leads to the same page of the unit that took over, where there is one; otherwise it is answered.
    LedOrServed,
    /// It leads there, and where nobody took over alone it is refused.
    LedOrRefused,
    /// Nothing is taken in here any more.
    Refused,
}

/// How a request for `path` is treated by an archive that runs itself, or that the province shows.
pub fn treated(method: &Method, path: &str, by_itself: bool) -> Treated {
    let begins = |prefix: &&str| {
        path.strip_prefix(*prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if *method != Method::GET && *method != Method::HEAD {
        let goes_on = by_itself && (path == FOLLOW || AT_THE_DESK.iter().any(begins));
        return match goes_on {
            true => Treated::Served,
            false => Treated::Refused,
        };
    }
    match path {
        "/" => Treated::LedOrServed,
        FOLLOW if by_itself => Treated::Served,
        ASK | REPORT | TELL | FOLLOW => Treated::LedOrRefused,
        _ => Treated::Served,
    }
}

/// Lets an archive that runs itself take nothing in.
pub async fn only_reading(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let treated = treated(request.method(), request.uri().path(), true);
    go_on(&site, treated, request, next).await
}

/// The same for one that the province shows, where nobody signs in and no receipt is known.
pub async fn only_shown(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let treated = treated(request.method(), request.uri().path(), false);
    go_on(&site, treated, request, next).await
}

async fn go_on(site: &Site, treated: Treated, request: Request, next: Next) -> Response {
    match answer_instead(site, treated, request.uri().path()).await {
        Ok(None) => next.run(request).await,
        Ok(Some(response)) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer_instead(site: &Site, treated: Treated, path: &str) -> Result<Option<Response>> {
    if treated == Treated::Served {
        return Ok(None);
    }
    let closing = closing::of_site(site.db.reader(), site.id, site.clock.now()).await?;
    let Some(closing) = closing else {
        return Ok(None);
    };
    let leads = matches!(treated, Treated::LedOrServed | Treated::LedOrRefused);
    let successor = closing.successor().filter(|_| leads);
    match (successor, treated) {
        (Some(base), _) => Ok(redirect(&format!("{base}{path}"))),
        (None, Treated::LedOrServed) => Ok(None),
        (None, _) => Err(closing.refusal()),
    }
}

/// That a site whose unit is no more publishes nothing: said where publishing happens, whoever asks for it.
pub async fn may_publish<C: sea_orm::ConnectionTrait>(db: &C, site: &Site) -> Result<(), Error> {
    match closing::of_site(db, site.id, site.clock.now()).await? {
        Some(closing) => Err(closing.refusal()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_reads_out_and_takes_nothing_in() {
        let get = Method::GET;
        let post = Method::POST;
        for (method, path, itself, shown) in [
            (&get, "/", Treated::LedOrServed, Treated::LedOrServed),
            (&get, "/tin-tuc", Treated::Served, Treated::Served),
            (&get, "/van-ban/184-qd-0", Treated::Served, Treated::Served),
            (&get, ASK, Treated::LedOrRefused, Treated::LedOrRefused),
            (&get, TELL, Treated::LedOrRefused, Treated::LedOrRefused),
            (&get, FOLLOW, Treated::Served, Treated::LedOrRefused),
            (&post, FOLLOW, Treated::Served, Treated::Refused),
            (&post, ASK, Treated::Refused, Treated::Refused),
            (
                &post,
                "/binh-chon/x/bau",
                Treated::Refused,
                Treated::Refused,
            ),
            (&post, SIGN_IN_PATH, Treated::Served, Treated::Refused),
            (
                &post,
                "/quan-tri/tai-khoan/hai-lop",
                Treated::Served,
                Treated::Refused,
            ),
            (
                &post,
                "/quan-tri/bai-viet/moi",
                Treated::Refused,
                Treated::Refused,
            ),
            (
                &post,
                "/quan-tri/tai-len",
                Treated::Refused,
                Treated::Refused,
            ),
            (
                &Method::PATCH,
                "/quan-tri/tai-len/1",
                Treated::Refused,
                Treated::Refused,
            ),
        ] {
            assert_eq!(treated(method, path, true), itself, "{method} {path}");
            assert_eq!(treated(method, path, false), shown, "{method} {path}");
        }
    }
}
