//! Every route of a back office, asked by everybody: nobody, somebody of another site, and each role,
//! for the whole site and for a section that is not the one; about what is theirs, what is another
//! section's, another person's and another site's.

use super::{Answer, SignedIn, TestSite, ask as put, get, send, send_in_parts, sign_in_as};
use crate::accounts::right::{Answered, answered};
use crate::accounts::{Grant, Right, Rights};
use crate::entries::section::Tree;
use crate::error::SIGN_IN_PATH;
use crate::newsroom::draft;
use crate::pages::newsroom::{DRAFTS_PATH, Declared, Need};
use crate::site::Site;
use axum::Router;
use axum::http::{Method, StatusCode};
use uuid::Uuid;

/// The section the walk's drafts are in.
pub const SECTION: &str = "tin-tuc";
/// A section that is another's.
pub const OTHER_SECTION: &str = "van-ban";

/// Something that is there, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's who has the right.
    TheSites,
    /// Somebody's draft, in a section.
    Section(&'static str),
    /// Another person's alone.
    AnotherPersons,
    /// Of another site.
    AnotherSites,
}

/// What takes the place of `{…}` in the paths that begin with `below`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The declared path up to its parameter.
    pub below: &'static str,
    /// What names it.
    pub name: String,
    /// Whose it is.
    pub whose: Whose,
}

impl Known {
    /// What is named `name` in the paths that begin with `below`.
    pub fn new(below: &'static str, name: impl ToString, whose: Whose) -> Self {
        Self {
            below,
            name: name.to_string(),
            whose,
        }
    }
}

/// What a route should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// Anybody gets an answer of some kind, and is not told to sign in first.
    Anything,
    SignIn,
    Forbidden,
    NotThere,
    Passes,
}

/// Walks all that is declared; what was answered otherwise than the table of rights says, and every route
/// about things of which none is among `known`.
pub async fn walk(
    site: &Site,
    routes: &Router,
    declared: &[Declared],
    known: &[Known],
) -> Vec<String> {
    let mut wrong = Vec::new();
    let stranger = stranger().await;
    let sections = Tree::load(site.db.reader()).await.expect("sections");
    for route in declared {
        let things = things(route, known);
        if things.is_empty() {
            wrong.push(format!(
                "{} {} is not walked: nothing is known that it could be about",
                route.method, route.path
            ));
        }
        let expected = match route.need {
            Need::Nobody => Expected::Anything,
            _ => Expected::SignIn,
        };
        for thing in things {
            for (who, asker) in [("nobody", None), ("another site's", Some(&stranger))] {
                let answer = ask(routes, route, asker, &thing).await;
                note(&mut wrong, (route, &thing), who, expected, &answer);
            }
        }
    }
    for role in site.role.account_roles() {
        for section in [None, Some(OTHER_SECTION.to_owned())] {
            let grant = Grant {
                role: *role,
                section,
            };
            let login = format!("walk.{}", grant.to_string().replace([':', '_'], "-"));
            let who = sign_in_as(site, &login, vec![grant.clone()]).await;
            let rights = Rights::new(
                std::slice::from_ref(&grant),
                site.role.account_roles(),
                &sections,
            );
            for route in declared.iter().filter(|route| route.need != Need::Nobody) {
                for thing in things(route, known) {
                    let answer = ask(routes, route, Some(&who), &thing).await;
                    let expected = expected(route, &rights, &thing, &who);
                    let who = grant.to_string();
                    note(&mut wrong, (route, &thing), &who, expected, &answer);
                }
            }
        }
    }
    wrong
}

/// What a route is asked about: itself where it is about nothing in particular; otherwise each thing that
/// is known, and one that never was.
struct Thing {
    path: String,
    whose: Option<Whose>,
}

fn things(route: &Declared, known: &[Known]) -> Vec<Thing> {
    let Some((below, rest)) = route.path.split_once('{') else {
        let path = known.iter().find(|known| known.below == route.path);
        let path = path.map_or_else(|| route.path.to_owned(), |known| known.name.clone());
        let whose = Some(Whose::TheSites);
        return vec![Thing { path, whose }];
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let of = |name: &str| format!("{below}{name}{after}");
    let mut things: Vec<Thing> = known
        .iter()
        .filter(|known| known.below == below)
        .map(|known| Thing {
            path: of(&known.name),
            whose: Some(known.whose.clone()),
        })
        .collect();
    if !things.is_empty() {
        things.push(Thing {
            path: of(&Uuid::now_v7().to_string()),
            whose: None,
        });
    }
    things
}

/// Somebody who is signed in at another site.
async fn stranger() -> SignedIn {
    let elsewhere: TestSite = super::site().await;
    let everything = elsewhere.role.first_roles().iter().copied();
    sign_in_as(
        &elsewhere,
        "stranger",
        everything.map(Grant::from).collect(),
    )
    .await
}

fn expected(route: &Declared, rights: &Rights, thing: &Thing, who: &SignedIn) -> Expected {
    let right = route.need.right();
    let holds = right.is_none_or(|right| rights.may(right));
    let (sees, reaches) = match &thing.whose {
        Some(Whose::TheSites) => (true, true),
        Some(Whose::Section(section)) => {
            let sight = draft::Sight {
                account: who.account.id,
                own: rights.scope(Right::WriteDraft),
                others: rights.scope(Right::ReadOthers),
            };
            let reaches = right.is_none_or(|right| rights.may_in(right, section));
            (sight.others.covers(section), reaches)
        }
        Some(Whose::AnotherPersons | Whose::AnotherSites) | None => (false, false),
    };
    match answered(holds, sees, reaches) {
        Answered::Forbidden => Expected::Forbidden,
        Answered::NotThere => Expected::NotThere,
        Answered::Granted => Expected::Passes,
    }
}

/// Asks as a page of ours does; where a form with files is wanted, with one of those.
async fn ask(routes: &Router, route: &Declared, who: Option<&SignedIn>, thing: &Thing) -> Answer {
    let answer = match route.method {
        Method::GET => return get(routes, &thing.path, who).await,
        _ => send(routes, route.method.clone(), &thing.path, who).await,
    };
    let wants_parts = matches!(
        answer.status,
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    match (wants_parts, route.path.starts_with(DRAFTS_PATH)) {
        (true, true) => put(routes, send_in_parts(&thing.path, who, &[])).await,
        _ => answer,
    }
}

fn note(
    wrong: &mut Vec<String>,
    (route, thing): (&Declared, &Thing),
    who: &str,
    expected: Expected,
    answer: &Answer,
) {
    let status = answer.status;
    let to_sign_in = answer.location().starts_with(SIGN_IN_PATH);
    let is_of_a_draft = route.path.starts_with(DRAFTS_PATH);
    let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    let is_right = match expected {
        Expected::Anything => !is_refused && status != StatusCode::INTERNAL_SERVER_ERROR,
        Expected::SignIn => status == StatusCode::UNAUTHORIZED || to_sign_in,
        Expected::Forbidden => status == StatusCode::FORBIDDEN,
        // What is no address of ours, or a form without its parts, is refused before anything is looked for.
        Expected::NotThere if route.method != Method::GET && !is_of_a_draft => {
            status.is_client_error() && !is_refused
        }
        Expected::NotThere => status == StatusCode::NOT_FOUND,
        Expected::Passes if route.method == Method::GET => {
            !to_sign_in
                && (status.is_success()
                    || status.is_redirection()
                    || status == StatusCode::CONFLICT
                    || status == StatusCode::UNPROCESSABLE_ENTITY)
        }
        Expected::Passes => {
            let is_missing = is_of_a_draft && status == StatusCode::NOT_FOUND;
            !(to_sign_in || status.is_server_error() || is_refused || is_missing)
        }
    };
    if !is_right {
        let whose = &thing.whose;
        wrong.push(format!(
            "{} {} ({whose:?}) by {who}: {status}, expected {expected:?}",
            route.method, route.path
        ));
    }
}
