//! What the province does about one member besides looking: room for its backups, what it needs to come, its end.

use super::desk_testing::Province;
use super::{bundle, keys, member, members};
use crate::members::registry::{self, Introduction};
use axum::http::{StatusCode, header};
use shared::audit::Actor;
use shared::directory::{key_record, site_record};
use shared::log::keys::SigningKey;
use shared::sync::peer::{self, LinkMode};
use shared::testing::{self, Answer};
use std::sync::Arc;
use uuid::Uuid;

impl Province {
    async fn presses(&self, member: Uuid, action: &str, field: (&str, &str)) -> Answer {
        let fields = [("action", action), field];
        let path = member::path_of(member);
        testing::post(&self.routes, &path, Some(&self.admin), &fields).await
    }
}

#[tokio::test]
async fn room_for_backups_is_given_where_it_is_seen_to_be_short() {
    let province = Province::found().await;
    let commune = province.member("xã Kon Braih", "konbraih", 5).await;
    let page = province.page(&member::path_of(commune)).await;
    assert!(page.contains("0 byte trên 21,4 GB"), "{page}");
    let wrong = province.presses(commune, "quota", ("quota", "nhiều")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("từ 1 đến 10.000"), "{}", wrong.body);
    let given = province.presses(commune, "quota", ("quota", "40")).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    let page = province.page(&member::path_of(commune)).await;
    assert!(page.contains("0 byte trên 40 GB"), "{page}");
    let usual = province.presses(commune, "quota", ("quota", "")).await;
    assert_eq!(usual.status, StatusCode::SEE_OTHER, "{}", usual.body);
    let page = province.page(&member::path_of(commune)).await;
    assert!(page.contains("0 byte trên 21,4 GB"), "{page}");
}

#[tokio::test]
async fn what_a_member_needs_to_come_is_one_file_without_its_code() {
    let province = Province::found().await;
    let commune = province.member("xã Kon Braih", "konbraih", 5).await;
    let path = bundle::path_of(commune);
    let file = testing::get(&province.routes, &path, Some(&province.admin)).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/zip");
    let named = file.headers[header::CONTENT_DISPOSITION].to_str();
    assert!(named.expect("ASCII").contains("lien-cong-konbraih.zip"));
    let stranger = testing::get(&province.routes, &path, None).await;
    assert_ne!(stranger.status, StatusCode::OK);
    let nobody = bundle::path_of(Uuid::from_u128(9));
    let nobody = testing::get(&province.routes, &nobody, Some(&province.admin)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_member_that_is_closed_is_waited_for_by_nobody_and_can_come_again() {
    let province = Province::found().await;
    let commune = province.member("xã Kon Braih", "konbraih", 3_600).await;
    let other = province.member("xã Đăk Kôi", "dakkoi", 5).await;
    let wrong = province
        .presses(commune, "close", ("closing", "xã Đăk Kôi"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("Hãy gõ: xã Kon Braih"),
        "{}",
        wrong.body
    );
    // However it is typed.
    let closed = province
        .presses(commune, "close", ("closing", " Xã Kon Braih "))
        .await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);

    let site = &province.site;
    let record = async || {
        let found = site_record::find(site.db.reader(), commune).await;
        found.expect("reads").expect("it stays known")
    };
    let may_speak = async || {
        let keys = key_record::of_site(site.db.reader(), commune).await;
        let now = site.clock.now().timestamp_millis();
        let keys = keys.expect("reads");
        let is_good = |key: &key_record::Model| key.valid_to.is_none_or(|to| to > now);
        let peer = peer::find(site.db.reader(), commune).await.expect("reads");
        keys.iter().any(is_good) && peer.is_some_and(|peer| peer.is_active())
    };
    assert!(record().await.is_closed() && !may_speak().await);
    let seen = province.watch.seen(site).await.expect("seen");
    let shown: Vec<Uuid> = seen.members.iter().map(|member| member.site).collect();
    assert_eq!(shown, [other], "alerts and figures are of the others");
    let page = province.page(members::PATH).await;
    let again = keys::path_of(commune);
    assert!(page.contains("Đã đóng") && page.contains(&again), "{page}");
    let gone = member::path_of(commune);
    let gone = testing::get(&province.routes, &gone, Some(&province.admin)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let by = Actor::CommandLine;
    let resumed = registry::set_suspended(site, commune, false, &by).await;
    assert!(resumed.is_err(), "only an invitation opens it again");

    let code = registry::invite_again(site, commune, &by).await;
    let introduction = Introduction {
        code: code.expect("a code").as_str().to_owned(),
        key: SigningKey::generate().expect("a key").public_key(),
        base_url: None,
        link: LinkMode::Push,
    };
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move { registry::take_in(tx, &inner, &introduction).await })
        })
        .await
        .expect("it comes again");
    assert!(record().await.is_active() && may_speak().await);
}
