//! Invitations to open an account: a link that counts once, for a week, and is kept as a hash.
//!
//! Who invites decides login and rights and hands the link over; who is invited chooses the password,
//! which nobody else ever knew.

use super::account::{self, NewAccount};
use super::grant::{self, Grant};
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::site::Site;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};

/// A stored invitation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_invitations")]
pub struct Model {
    /// Its id, by which it is taken back.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the token in the link.
    pub token_hash: Vec<u8>,
    /// The login the account will have.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What it will be granted, as the command line writes it, with commas between.
    pub grants: String,
    /// Who invited.
    pub invited_by: Option<Uuid>,
    /// Until when it counts; milliseconds.
    pub expires_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Where an invitation is taken up.
pub const PATH: &str = "/quan-tri/loi-moi";
/// How long an invitation counts.
pub const LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whom to invite, and to what.
#[derive(Clone, Debug)]
pub struct Guest {
    /// What they will type to sign in.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub grants: Vec<Grant>,
}

impl Guest {
    /// Checks the fields; all that is wrong is told at once.
    pub async fn check(self, site: &Site) -> Result<Self> {
        let (login, name, mut errors) = account::check_names(&self.login, &self.name);
        if account::find_by_login(site.db.reader(), &login)
            .await?
            .is_some()
        {
            errors.push(account::taken());
        }
        match grant::check(site.db.reader(), site, &self.grants).await {
            Ok(()) => {}
            Err(Error::Invalid(more)) => errors.extend(more),
            Err(other) => return Err(other),
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Self {
            login,
            name,
            grants: self.grants,
        })
    }
}

impl Model {
    /// What the account will be granted. What a later version wrote and this one does not know is
    /// left out.
    pub fn grants(&self) -> Vec<Grant> {
        self.grants.split(',').filter_map(Grant::parse).collect()
    }
}

/// Invites; the token for the link, shown once. An earlier invitation of the same login counts no more.
pub async fn invite(
    tx: &DatabaseTransaction,
    guest: Guest,
    by: Option<Uuid>,
    now: i64,
) -> Result<String> {
    if account::find_by_login(tx, &guest.login).await?.is_some() {
        return Err(Error::Invalid(vec![account::taken()]));
    }
    Entity::delete_many()
        .filter(Column::Login.eq(&guest.login))
        .exec(tx)
        .await?;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("getrandom: {error}"))?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let grants: Vec<String> = guest.grants.iter().map(Grant::to_string).collect();
    Entity::insert(ActiveModel {
        id: Set(Uuid::now_v7()),
        token_hash: Set(hash(&token)),
        login: Set(guest.login),
        name: Set(guest.name),
        grants: Set(grants.join(",")),
        invited_by: Set(by),
        expires_at: Set(now + LIFE_MS),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// The invitation of `token`, while it counts.
pub async fn find<C: ConnectionTrait>(db: &C, token: &str, now: i64) -> Result<Option<Model>> {
    let found = Entity::find()
        .filter(Column::TokenHash.eq(hash(token)))
        .one(db)
        .await?;
    Ok(found.filter(|invitation| now < invitation.expires_at))
}

/// Opens the account of the invitation with `password`; it counts no more.
pub async fn take_up(site: &Site, token: &str, password: &str) -> Result<account::Model> {
    let now = site.clock.now().timestamp_millis();
    let found = find(site.db.reader(), token, now).await?;
    let invitation = found.ok_or(Error::NotFound)?;
    let new = NewAccount {
        login: invitation.login.clone(),
        name: invitation.name.clone(),
        grants: invitation.grants(),
        password: password.to_owned(),
    };
    let prepared = new.prepare(site).await?;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                // Two browsers with one link open one account.
                let gone = Entity::delete_by_id(invitation.id).exec(tx).await?;
                if gone.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                account::create(tx, prepared, now).await
            })
        })
        .await
}

/// The invitations that count, by login.
pub async fn open<C: ConnectionTrait>(db: &C, now: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ExpiresAt.gt(now))
        .order_by_asc(Column::Login)
        .all(db)
        .await?)
}

/// Takes an invitation back.
pub async fn take_back(tx: &DatabaseTransaction, id: Uuid) -> Result<()> {
    let gone = Entity::delete_by_id(id).exec(tx).await?;
    match gone.rows_affected {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// Forgets the invitations nobody took up; how many.
pub async fn forget_ended<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

fn hash(token: &str) -> Vec<u8> {
    Digest::of(token.as_bytes()).as_bytes().to_vec()
}
