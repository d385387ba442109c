//! A database that went back in time: a disk image restored, a copy of last week put in place.

use std::fs;
use tests::{Backend, Member, NewMember, Province, Text, Written, eventually};

on_both_databases! {
    a_member_restored_from_an_older_copy_gets_its_own_back
    a_member_that_asks_and_was_restored_gets_everything_back
}

async fn a_member_restored_from_an_older_copy_gets_its_own_back(hub: Backend) {
    restored(hub, NewMember::commune("xã Kon Braih")).await;
}

async fn a_member_that_asks_and_was_restored_gets_everything_back(hub: Backend) {
    restored(hub, NewMember::behind_nat("xã Kon Braih")).await;
}

async fn restored(hub: Backend, new: NewMember<'_>) {
    let province = Province::found(hub).await;
    let mut member = province.join(new).await;
    let editor = province.hub.staff().await;
    let desk = member.staff().await;
    desk.publish(&Text::article("Tin trước khi sao lưu")).await;
    editor.finds_in_inbox("Tin trước khi sao lưu").await;

    // The copy is made while the site works.
    let copy = member.folder().with_extension("copy.db");
    tests::records::copy_sqlite(&member.folder().join("site.db"), &copy).await;

    let after = desk.publish(&Text::article("Tin sau khi sao lưu")).await;
    let revised = desk
        .revise(&after, "Tin sau khi sao lưu, đã sửa", "Sửa tiêu đề.")
        .await;
    let gone = desk.publish(&Text::article("Tin sẽ bị gỡ")).await;
    editor.accept("Tin sẽ bị gỡ").await;
    desk.withdraw(&gone, "Đăng nhầm.").await;
    editor.accept(&revised.title).await;
    let notice = "Thông báo của tỉnh sau khi sao lưu";
    editor.publish(&Text::notice(notice)).await;
    shown(&member, notice).await;
    eventually("the hub has taken the withdrawal", async || {
        let page = province.hub.visitor().get(&gone.page).await;
        if page.status == 410 {
            Ok(())
        } else {
            Err(page.status)
        }
    })
    .await;

    member.stop().await;
    put_back(&member, &copy);
    let logs = member.records().await.count("logs");

    // Somebody publishes before the site has found out: the hub is away just then.
    let mut province = province;
    province.hub.stop().await;
    member.start().await;
    let front = member.visitor().get("/").await;
    front
        .without(&revised.title)
        .expect("it has gone back in time");
    let meanwhile = desk.publish(&Text::article("Tin đăng giữa lúc đó")).await;
    province.hub.start().await;

    // It gets back what it had said, says again what it said meanwhile, and goes on in a new log.
    shown(&member, &revised.title).await;
    shown(&member, &meanwhile.title).await;
    assert_gone(&member, &gone).await;
    editor.accept(&meanwhile.title).await;
    assert!(member.records().await.count("logs") > logs, "a new log");
    let next = desk.publish(&Text::article("Tin tiếp theo")).await;
    editor.accept(&next.title).await;

    // The province has everything once.
    let records = province.records().await;
    for title in [&revised.title, &meanwhile.title, &next.title] {
        assert_eq!(records.rows_saying("entries", title), 1, "{title}");
    }
    let log = province.hub.log();
    assert!(!log.contains("item refused"), "the hub refused nothing");

    // What the province had sent it comes again.
    shown(&member, notice).await;
}

/// Puts an older copy in the place of a site's database, as a person would: the files SQLite keeps
/// beside it belong to the newer one.
fn put_back(member: &Member, copy: &std::path::Path) {
    for beside in ["site.db", "site.db-wal", "site.db-shm"] {
        let file = member.folder().join(beside);
        if file.exists() {
            fs::remove_file(file).expect("removes");
        }
    }
    fs::copy(copy, member.folder().join("site.db")).expect("copies");
}

async fn shown(member: &Member, title: &str) {
    eventually(&format!("the member shows {title:?}"), async || {
        member.visitor().get("/").await.showing(title)
    })
    .await;
}

async fn assert_gone(member: &Member, written: &Written) {
    eventually(&format!("{:?} is gone again", written.title), async || {
        let page = member.visitor().get(&written.page).await;
        if page.status == 410 {
            Ok(())
        } else {
            Err(page.status)
        }
    })
    .await;
}
