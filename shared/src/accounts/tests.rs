use super::account::{self, NewAccount};
use super::{Role, first_code, grant, session};
use crate::error::Error;
use crate::testing::{self, TestSite};
use std::time::Duration;
use uuid::Uuid;

fn new_account(login: &str) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        name: "A Mẫu".to_owned(),
        grants: vec![Role::Admin.into()],
        password: testing::PASSWORD.to_owned(),
    }
}

async fn change<T: Send + 'static>(
    site: &TestSite,
    work: impl for<'a> FnOnce(&'a sea_orm::DatabaseTransaction) -> crate::storage::Work<'a, T>
    + Clone
    + Send
    + 'static,
) -> crate::error::Result<T> {
    site.db.write(work).await
}

fn fields_of(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("{other:?} is about no field"),
    }
}

#[tokio::test]
async fn an_account_is_found_however_its_login_is_typed_and_opened_once() {
    let site = testing::site().await;
    for _ in 0..2 {
        let prepared = new_account(" A.Mau ").prepare(&site).await;
        let prepared = prepared.expect("in order");
        let opened = change(&site, move |tx| {
            Box::pin(async move { account::create(tx, prepared, 1).await })
        })
        .await;
        match opened {
            Ok(account) => assert_eq!(account.login, "a.mau"),
            Err(error) => assert_eq!(fields_of(error), ["login"]),
        }
    }
    let found = account::find_by_login(site.db.reader(), "A.MAU ").await;
    assert_eq!(found.expect("reads").expect("is there").name, "A Mẫu");
    assert_eq!(
        account::list(site.db.reader()).await.expect("reads").len(),
        1
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_new_account_is_told_at_once() {
    let site = testing::site().await;
    let wrong = NewAccount {
        login: "Ấ b".to_owned(),
        name: "  ".to_owned(),
        grants: vec![Role::Editor.into()],
        password: "konbraih2026".to_owned(),
    };
    let error = wrong.prepare(&site).await.err().expect("refused");
    assert_eq!(fields_of(error), ["login", "name", "password"]);
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let site = testing::site().await;
    let first = testing::account(&site, Role::Admin).await;
    let demote = |id: Uuid| {
        change(&site, move |tx| {
            Box::pin(async move { account::set_grants(tx, id, &[Role::Editor.into()]).await })
        })
    };
    assert!(matches!(demote(first.id).await, Err(Error::Conflict(_))));
    let close = change(&site, move |tx| {
        Box::pin(async move { account::set_active(tx, first.id, false).await })
    });
    assert!(matches!(close.await, Err(Error::Conflict(_))));

    let second = testing::account(&site, Role::Editor).await;
    change(&site, move |tx| {
        Box::pin(async move { account::set_grants(tx, second.id, &[Role::Admin.into()]).await })
    })
    .await
    .expect("promoted");
    demote(first.id).await.expect("demoted");
    let left = grant::of(site.db.reader(), first.id).await.expect("reads");
    assert_eq!(left, [Role::Editor.into()]);
}

#[tokio::test]
async fn another_role_another_password_and_a_closed_account_end_all_sessions() {
    let site = testing::site().await;
    testing::account(&site, Role::Admin).await;
    for turn in 0..3 {
        let who = testing::sign_in(&site, Role::Editor).await;
        let id = who.account.id;
        let now = site.clock.now().timestamp_millis();
        let on = session::list(site.db.reader(), id, now).await;
        assert_eq!(on.expect("reads").len(), 1);
        change(&site, move |tx| {
            Box::pin(async move {
                match turn {
                    0 => account::set_password(tx, id, "$argon2id$…".to_owned()).await?,
                    1 => account::set_grants(tx, id, &[Role::Contributor.into()]).await?,
                    _ => account::set_active(tx, id, false).await?,
                };
                Ok(())
            })
        })
        .await
        .expect("changes");
        let on = session::list(site.db.reader(), id, now).await;
        assert!(on.expect("reads").is_empty(), "turn {turn}");
    }
}

#[tokio::test]
async fn the_first_code_opens_one_account_and_then_none() {
    let site = testing::site().await;
    let older = first_code::offer(&site)
        .await
        .expect("offers")
        .expect("a code");
    let code = first_code::offer(&site)
        .await
        .expect("offers")
        .expect("a code");
    let redeem = async |code: &str, login: &str| {
        let first = new_account(login).prepare(&site).await?;
        let code = code.to_owned();
        let now = site.clock.now().timestamp_millis();
        change(&site, move |tx| {
            Box::pin(async move { first_code::redeem(tx, &code, first, now).await })
        })
        .await
    };
    for wrong in [older.as_str(), "", "AAAAA-AAAAA-AAAAA-AAAAA"] {
        let error = redeem(wrong, "a.mau").await.expect_err("refused");
        assert_eq!(fields_of(error), ["code"]);
    }
    let typed = code.to_lowercase().replace('-', " ");
    let opened = redeem(&typed, "a.mau").await.expect("opens");
    let granted = grant::of(site.db.reader(), opened.id).await;
    assert_eq!(granted.expect("reads"), [Role::Admin.into()]);
    assert!(matches!(redeem(&code, "y.thu").await, Err(Error::NotFound)));
    assert_eq!(first_code::offer(&site).await.expect("reads"), None);
}

#[tokio::test]
async fn a_first_code_counts_for_a_day() {
    let site = testing::site().await;
    let code = first_code::offer(&site)
        .await
        .expect("offers")
        .expect("a code");
    site.clock.advance(Duration::from_secs(24 * 60 * 60));
    let first = new_account("a.mau").prepare(&site).await.expect("in order");
    let now = site.clock.now().timestamp_millis();
    let late = change(&site, move |tx| {
        Box::pin(async move { first_code::redeem(tx, &code, first, now).await })
    });
    assert_eq!(fields_of(late.await.expect_err("too late")), ["code"]);
}
