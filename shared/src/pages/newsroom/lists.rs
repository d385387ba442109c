//! `/quan-tri/danh-muc`: sections, forms and fields of documents: the province's, and the unit's own, each
//! standing for one of the province's or for none.

use super::around::{AtDesk, Done};
use crate::audit::{self, Action, Subject};
use crate::entries::catalogue::{self, Change, List};
use crate::entries::{record, section};
use crate::error::{Error, Result};
use crate::pages::templates::ListsPage;
use crate::pages::view::{Choice, FilterLink, FormErrors, ListRow, UnmappedRow};
use crate::sync::peer;
use crate::units;
use crate::vietnamese;
use axum::extract::{Form, Query};
use axum::response::Response;
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use std::sync::Arc;

/// The page.
pub(super) const PATH: &str = "/quan-tri/danh-muc";

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sections,
    Terms(List),
}

impl Kind {
    const ALL: [Self; 3] = [
        Self::Sections,
        Self::Terms(List::Forms),
        Self::Terms(List::Fields),
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Sections => "chuyen-muc",
            Self::Terms(List::Forms) => "hinh-thuc",
            Self::Terms(List::Fields) => "linh-vuc",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Sections => "Chuyên mục",
            Self::Terms(list) => list.label(),
        }
    }

    fn parse(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.code() == code);
        known.unwrap_or(Self::Sections)
    }

    fn address(self) -> String {
        format!("{PATH}?ds={}", self.code())
    }
}

/// Which list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    ds: String,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let kind = Kind::parse(&asked.ds);
    let page = page(&at, kind, ListForm::default(), FormErrors::default()).await?;
    at.answer(&page)
}

/// The forms of the page: one for each row, one to add.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListForm {
    csrf: String,
    ds: String,
    /// Empty to add.
    code: String,
    action: String,
    name: String,
    parent: String,
    stands_for: String,
}

impl ListForm {
    fn stands_for(&self) -> Option<String> {
        Some(self.stands_for.clone()).filter(|code| !code.is_empty())
    }

    fn change(&self) -> Result<Change> {
        Ok(match self.action.as_str() {
            "say" => Change::Say {
                name: self.name.clone(),
                stands_for: self.stands_for(),
            },
            "up" => Change::Up,
            "down" => Change::Down,
            "hide" => Change::Hide(true),
            "show" => Change::Hide(false),
            "remove" => Change::Remove,
            _ => return Err(Error::invalid("", "Hãy chọn một việc.")),
        })
    }
}

pub(super) async fn change(at: AtDesk, Form(form): Form<ListForm>) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let kind = Kind::parse(&form.ds);
    let (site, asked) = (Arc::clone(&at.site), form.clone());
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    let done = at.site.db.write(move |tx| {
        Box::pin(async move {
            carry_out(tx, kind, asked).await?;
            let subject = Subject::of(audit::Kind::Setting, kind.code());
            audit::record(tx, &by, Action::ListChanged, subject, now).await?;
            site.role.lists_changed(tx, &site).await
        })
    });
    match done.await {
        Ok(()) => {
            at.site.wake();
            tracing::info!(
                account.login = at.user.account.login,
                list = kind.code(),
                code = form.code,
                action = form.action,
                "changed a list"
            );
            Ok(Done::ListChanged.then_with(PATH, &[("ds", kind.code())]))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, kind, form, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(Error::Conflict(words)) => {
            let mut errors = FormErrors::default();
            errors.add("", words);
            let page = page(&at, kind, form, errors).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn carry_out(tx: &DatabaseTransaction, kind: Kind, form: ListForm) -> Result<()> {
    // Whoever has nobody above sets the lists for those below.
    let is_province = peer::upstream(tx).await?.is_none();
    let is_new = form.code.is_empty();
    let stands_for = form.stands_for();
    match kind {
        Kind::Sections if is_new => {
            section::add(tx, &form.name, Some(form.parent), stands_for, is_province).await
        }
        Kind::Terms(list) if is_new => {
            catalogue::add(tx, list, &form.name, stands_for, is_province).await
        }
        Kind::Sections => section::change(tx, &form.code, form.change()?, is_province).await,
        Kind::Terms(list) => {
            catalogue::change(tx, list, &form.code, form.change()?, is_province).await
        }
    }
}

async fn page(at: &AtDesk, kind: Kind, form: ListForm, errors: FormErrors) -> Result<ListsPage> {
    let db = at.site.db.reader();
    let is_province = peer::upstream(db).await?.is_none();
    let (rows, theirs, parents) = match kind {
        Kind::Sections => sections(at, &form, is_province).await?,
        Kind::Terms(list) => terms(at, list, is_province).await?,
    };
    let is_adding = form.code.is_empty();
    let chosen = |code: &str| is_adding && form.stands_for == code;
    let mut stands_for = vec![Choice::new("", "Không ứng với mục nào", chosen(""))];
    stands_for.extend(
        theirs
            .iter()
            .map(|(code, name)| Choice::new(code, name, chosen(code))),
    );
    Ok(ListsPage {
        desk: at.desk("Danh mục", PATH).await?,
        action: PATH.to_owned(),
        lists: Kind::ALL
            .iter()
            .map(|one| FilterLink {
                label: one.label().to_owned(),
                url: one.address(),
                count: String::new(),
                current: *one == kind,
            })
            .collect(),
        list: kind.code().to_owned(),
        label: kind.label().to_owned(),
        is_province,
        rows,
        name: if is_adding { form.name } else { String::new() },
        parents,
        stands_for,
        unmapped: match is_province {
            true => unmapped(at).await?,
            false => Vec::new(),
        },
        errors,
    })
}

type Listed = (Vec<ListRow>, Vec<(String, String)>, Vec<Choice>);

async fn sections(at: &AtDesk, form: &ListForm, is_province: bool) -> Result<Listed> {
    let tree = section::Tree::load(at.site.db.reader()).await?;
    let theirs: Vec<(String, String)> = tree
        .iter()
        .filter(|one| !one.own)
        .map(|one| (one.code.clone(), one.name.clone()))
        .collect();
    let mut parents = vec![Choice::new("", "Đứng riêng", form.parent.is_empty())];
    parents.extend(
        tree.iter()
            .map(|one| Choice::new(&one.code, &one.name, form.parent == one.code)),
    );
    let mut rows = Vec::new();
    // As they lie in each other, each below what it lies in.
    let mut todo: Vec<(&section::Model, usize)> = tree
        .iter()
        .filter(|one| {
            one.parent
                .as_deref()
                .is_none_or(|up| tree.get(up).is_none())
        })
        .map(|one| (one, 0))
        .collect();
    todo.reverse();
    while let Some((one, depth)) = todo.pop() {
        let mut below: Vec<_> = tree.children(&one.code).map(|it| (it, depth + 1)).collect();
        below.reverse();
        if depth < 4 {
            todo.extend(below);
        }
        rows.push(ListRow {
            code: one.code.clone(),
            name: one.name.clone(),
            depth,
            hidden: one.hidden,
            is_ours: one.own || is_province,
            note: match (&one.province_code, one.own, one.mandatory) {
                (Some(code), true, _) => standing_for(&theirs, code),
                (None, true, _) => "Của đơn vị, không ứng với chuyên mục nào của tỉnh".to_owned(),
                (_, false, true) => "Bắt buộc theo quy định".to_owned(),
                (_, false, false) => String::new(),
            },
            stands_for: choices(&theirs, one.province_code.as_deref(), one.own),
        });
    }
    Ok((rows, own_choices(theirs, is_province), parents))
}

async fn terms(at: &AtDesk, list: List, is_province: bool) -> Result<Listed> {
    let terms = catalogue::all(at.site.db.reader(), list).await?;
    let theirs: Vec<(String, String)> = terms
        .iter()
        .filter(|one| !one.own)
        .map(|one| (one.code.clone(), one.name.clone()))
        .collect();
    let row = |one: &catalogue::Model| ListRow {
        code: one.code.clone(),
        name: one.name.clone(),
        depth: 0,
        hidden: one.hidden,
        is_ours: one.own || is_province,
        note: match (&one.province_code, one.own) {
            (Some(code), true) => standing_for(&theirs, code),
            (None, true) => "Của đơn vị, không ứng với mục nào của tỉnh".to_owned(),
            (_, false) => String::new(),
        },
        stands_for: choices(&theirs, one.province_code.as_deref(), one.own),
    };
    let rows = terms.iter().map(row).collect();
    Ok((rows, own_choices(theirs, is_province), Vec::new()))
}

/// On the province's own site nothing stands for anything.
fn own_choices(theirs: Vec<(String, String)>, is_province: bool) -> Vec<(String, String)> {
    match is_province {
        true => Vec::new(),
        false => theirs,
    }
}

fn standing_for(theirs: &[(String, String)], code: &str) -> String {
    let name = theirs.iter().find(|(known, _)| known == code);
    let name = name.map_or(code, |(_, name)| name.as_str());
    format!("Của đơn vị, ứng với “{name}” của tỉnh")
}

fn choices(theirs: &[(String, String)], chosen: Option<&str>, own: bool) -> Vec<Choice> {
    if !own {
        return Vec::new();
    }
    let none = Choice::new("", "Không ứng với mục nào", chosen.is_none());
    let each = theirs
        .iter()
        .map(|(code, name)| Choice::new(code, name, chosen == Some(code.as_str())));
    std::iter::once(none).chain(each).collect()
}

/// What units describe their entries by that stands for nothing of the province's.
async fn unmapped(at: &AtDesk) -> Result<Vec<UnmappedRow>> {
    let found = record::unmapped(at.site.db.reader()).await?;
    let ids: Vec<_> = found.iter().map(|(unit, _, _)| *unit).collect();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let names = units::some_on(at.site.db.reader(), today, &ids).await?;
    let row = |(unit, what, count): (uuid::Uuid, String, i64)| UnmappedRow {
        unit: names.name_of(unit),
        what,
        count: vietnamese::grouped(count),
    };
    Ok(found.into_iter().map(row).collect())
}
