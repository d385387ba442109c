//! What people said of the pictures, files and videos they uploaded, so that each is described once and
//! found again. Copies of what others publish are not in it.

use super::focus::Focus;
use super::kind::Class;
use super::record::{self, MediaState};
use crate::error::Result;
use crate::log::Digest;
use crate::vietnamese::fold;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ConnectionTrait, FromQueryResult, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait, Select,
    Set, Statement,
};
use std::collections::HashSet;

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "library")]
pub struct Model {
    /// SHA-256 of its bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// [`Class`] by name.
    pub class: String,
    /// What it is called.
    pub name: String,
    /// What it is found by, folded.
    pub folded: String,
    /// What a picture shows.
    pub alt: Option<String>,
    /// Whether a picture shows nothing a reader would miss.
    pub decorates: bool,
    /// The line under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
    /// [`Focus`] by name.
    pub focus: Option<String>,
    /// Whether it stays when nothing shows it.
    pub is_kept: bool,
    /// Who uploaded it first.
    pub added_by: Option<Uuid>,
    /// When; milliseconds.
    pub added_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Its digest.
    pub fn digest(&self) -> Result<Digest> {
        Ok(Digest::from_slice(&self.hash).map_err(anyhow::Error::new)?)
    }

    /// What it is used as.
    pub fn class(&self) -> Class {
        Class::parse(&self.class).unwrap_or(Class::Document)
    }

    /// What lists must not cut off.
    pub fn focus(&self) -> Focus {
        Focus::parse(self.focus.as_deref().unwrap_or_default())
    }
}

/// An upload that has just come in.
#[derive(Clone, Debug)]
pub struct New {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What it is used as.
    pub class: Class,
    /// What it is called.
    pub name: String,
    /// Whether it stays when nothing shows it.
    pub is_kept: bool,
    /// Who uploaded it.
    pub by: Option<Uuid>,
}

/// Notes an upload. What was said of the same bytes before stays.
pub async fn note<C: ConnectionTrait>(db: &C, new: New, now: i64) -> Result<()> {
    let hash = new.digest.as_bytes().to_vec();
    Entity::insert(ActiveModel {
        hash: Set(hash.clone()),
        class: Set(new.class.as_str().to_owned()),
        folded: Set(fold(&new.name)),
        name: Set(new.name),
        alt: Set(None),
        decorates: Set(false),
        caption: Set(None),
        credit: Set(None),
        focus: Set(None),
        is_kept: Set(new.is_kept),
        added_by: Set(new.by),
        added_at: Set(now),
    })
    .on_conflict(OnConflict::column(Column::Hash).do_nothing().to_owned())
    .exec_without_returning(db)
    .await?;
    if new.is_kept {
        Entity::update_many()
            .col_expr(Column::IsKept, Expr::value(true))
            .filter(Column::Hash.eq(hash))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// What is said of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What it is called.
    pub name: String,
    /// What a picture shows.
    pub alt: Option<String>,
    /// Whether a picture shows nothing a reader would miss.
    pub decorates: bool,
    /// The line under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
    /// What lists must not cut off.
    pub focus: Focus,
    /// Whether it stays when nothing shows it.
    pub is_kept: bool,
}

/// Says it of the upload `digest`.
pub async fn describe<C: ConnectionTrait>(db: &C, digest: Digest, said: Said) -> Result<()> {
    let found = [
        Some(&said.name),
        said.alt.as_ref(),
        said.caption.as_ref(),
        said.credit.as_ref(),
    ];
    let found: Vec<&str> = found.into_iter().flatten().map(String::as_str).collect();
    Entity::update_many()
        .col_expr(Column::Folded, Expr::value(fold(&found.join(" "))))
        .col_expr(Column::Name, Expr::value(said.name.clone()))
        .col_expr(Column::Alt, Expr::value(said.alt.clone()))
        .col_expr(Column::Decorates, Expr::value(said.decorates))
        .col_expr(Column::Caption, Expr::value(said.caption.clone()))
        .col_expr(Column::Credit, Expr::value(said.credit.clone()))
        .col_expr(Column::Focus, Expr::value(said.focus.as_str()))
        .col_expr(Column::IsKept, Expr::value(said.is_kept))
        .filter(Column::Hash.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// The upload `digest`.
pub async fn find<C: ConnectionTrait>(db: &C, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(digest.as_bytes().to_vec())
        .one(db)
        .await?)
}

/// Forgets what was said of `hash`.
pub async fn forget<C: ConnectionTrait>(db: &C, hash: &[u8]) -> Result<()> {
    Entity::delete_by_id(hash.to_vec()).exec(db).await?;
    Ok(())
}

/// Those of `hashes` that stay when nothing shows them.
pub async fn kept_of<C: ConnectionTrait>(db: &C, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    let kept: Vec<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::Hash)
        .filter(Column::IsKept.eq(true))
        .filter(Column::Hash.is_in(hashes.iter().cloned()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(kept.into_iter().collect())
}

/// Which uploads are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this class alone.
    pub class: Option<Class>,
    /// With these words in what is said of them.
    pub words: String,
    /// None of these.
    pub except: Option<Vec<Vec<u8>>>,
}

impl Filter {
    fn select(&self) -> Select<Entity> {
        let here = [MediaState::Here, MediaState::Withheld].map(MediaState::as_str);
        let here = record::Entity::find()
            .select_only()
            .column(record::Column::Hash)
            .filter(record::Column::State.is_in(here))
            .into_query();
        let mut select = Entity::find().filter(Column::Hash.in_subquery(here));
        if let Some(class) = self.class {
            select = select.filter(Column::Class.eq(class.as_str()));
        }
        for word in fold(&self.words).split_whitespace().take(8) {
            let word = word
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            let holds = LikeExpr::new(format!("%{word}%")).escape('\\');
            select = select.filter(Expr::col(Column::Folded).like(holds));
        }
        if let Some(except) = &self.except {
            select = select.filter(Column::Hash.is_not_in(except.iter().cloned()));
        }
        select
    }
}

/// Up to `limit` uploads from `offset` on, the newest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(filter
        .select()
        .order_by_desc(Column::AddedAt)
        .order_by_asc(Column::Hash)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<u64> {
    Ok(filter.select().count(db).await?)
}

#[derive(FromQueryResult)]
struct Total {
    total: i64,
}

/// How many bytes the uploads of this site take.
pub async fn used<C: ConnectionTrait>(db: &C) -> Result<u64> {
    let sum = Statement::from_string(
        db.get_database_backend(),
        "SELECT CAST(COALESCE(SUM(m.size), 0) AS BIGINT) AS total FROM media m \
         JOIN library l ON l.hash = m.hash WHERE m.state IN ('here', 'withheld')",
    );
    let total = Total::find_by_statement(sum).one(db).await?;
    Ok(total.map_or(0, |sum| u64::try_from(sum.total).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::record::NewMedium;
    use crate::testing;

    #[tokio::test]
    async fn an_upload_is_described_once_and_found_by_what_is_said_of_it() {
        let site = testing::site().await;
        let digest = Digest::of(b"anh");
        let medium = NewMedium {
            digest,
            mime: "image/jpeg".to_owned(),
            size: 1_234,
            dimensions: Some((960, 640)),
        };
        let new = New {
            digest,
            class: Class::Picture,
            name: "IMG_0001.jpg".to_owned(),
            is_kept: false,
            by: None,
        };
        let said = Said {
            name: "IMG_0001.jpg".to_owned(),
            alt: Some("Cầu treo Kon Rẫy".to_owned()),
            focus: Focus::Top,
            ..Said::default()
        };
        let db = site.db.reader();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    record::put_here(tx, &medium, 1).await?;
                    note(tx, new.clone(), 1).await?;
                    describe(tx, digest, said).await?;
                    // The same picture once more, from the library this time.
                    let again = New {
                        is_kept: true,
                        name: "khac.jpg".to_owned(),
                        ..new
                    };
                    note(tx, again, 2).await
                })
            })
            .await
            .expect("writes");
        for (words, class, is_found) in [
            ("", None, true),
            ("cau treo", None, true),
            ("RẪY img", Some(Class::Picture), true),
            ("cầu", Some(Class::Video), false),
            ("chợ", None, false),
            ("%", None, false),
        ] {
            let filter = Filter {
                class,
                words: words.to_owned(),
                except: None,
            };
            let found = list(db, &filter, 0, 10).await.expect("lists");
            assert_eq!(found.len(), usize::from(is_found), "{words:?}");
            assert_eq!(
                count(db, &filter).await.expect("counts"),
                u64::from(is_found)
            );
        }
        let kept = find(db, digest).await.expect("reads").expect("is there");
        assert_eq!(kept.name, "IMG_0001.jpg");
        assert!(kept.is_kept && kept.focus() == Focus::Top);
        assert_eq!(used(db).await.expect("sums"), 1_234);
    }
}
