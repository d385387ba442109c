//! Files that are damaged, cut, deleted, replaced or locked away under a site.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use tests::{Backend, Province, Server, Text, bounded, eventually, leave_out, measured};

#[tokio::test]
async fn a_database_deleted_under_a_running_site_is_saved_beside_it() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let mut published = vec![desk.publish(&Text::article("Tin trước khi bị xóa")).await];
        for name in ["site.db", "site.db-wal", "site.db-shm"] {
            remove(&member.folder().join(name));
        }
        // Whatever is acknowledged now is kept; what cannot be kept is not acknowledged.
        for number in 0..3 {
            let text = Text::article(format!("Tin lúc vừa bị xóa, số {number}"));
            if let Ok(written) = desk.try_publish(&text).await {
                published.push(written);
            }
        }
        assert_eq!(published.len(), 1, "acknowledged what nobody will find again");
        let rescued = member.folder().join("site.db.rescued");
        eventually("what is known is saved beside it", async || {
            let ready = member.operator().try_get("/health/ready").await;
            match ready {
                Ok(page) if page.status == 503 && rescued.exists() => Ok(()),
                Ok(page) => Err(format!("{} {}", page.status, page.body)),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
        let page = member.visitor().get(&published[0].page).await;
        assert_eq!(page.status, 200, "everybody reads on");

        // The operator does what the log says.
        assert!(member.log().contains("site.db.rescued"), "the log says where it is");
        member.stop().await;
        for name in ["site.db", "site.db-wal", "site.db-shm"] {
            remove(&member.folder().join(name));
        }
        fs::rename(&rescued, member.folder().join("site.db")).expect("moves");
        member.start().await;
        let page = member.visitor().get(&published[0].page).await;
        assert_eq!(page.status, 200, "it is all there");
        let next = desk.publish(&Text::article("Tin sau khi đặt lại")).await;
        province.hub.staff().await.finds_in_inbox(&next.title).await;
        measured("G13", "database deleted under a running site: refused to write within 1 commit, saved, put back, 0 lost");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        member.stop().await;
        let file = member.folder().join("site.db");
        // Else SQLite would take the first page from the log beside it, and all were well.
        tests::records::fold_in(&file).await;
        let good = fs::read(&file).expect("reads");
        let mut damaged = good.clone();
        damaged[..100].fill(0x5A);
        fs::write(&file, &damaged).expect("writes");
        let said = member.fails_to_start().await;
        assert!(
            said.contains("site.db") || said.contains("cơ sở dữ liệu"),
            "{said}"
        );
        assert_eq!(
            fs::read(&file).expect("reads"),
            damaged,
            "nobody touched it"
        );
        fs::write(&file, good).expect("writes");
        member.start().await;
        works(&province, &member).await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_named() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        member.stop().await;
        if rustix::process::geteuid().is_root() {
            if !may_be_ordinary() {
                leave_out(
                    "files that may not be read: setpriv is missing, and root reads everything",
                );
                return;
            }
            member.runs_under(&ORDINARY);
        }
        for name in ["site.db", "key.pem", "settings.toml"] {
            let file = member.folder().join(name);
            let before = fs::metadata(&file).expect("is there").permissions();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("locks");
            let said = member.fails_to_start().await;
            assert!(said.contains(name), "{name} is not named: {said}");
            fs::set_permissions(&file, before).expect("unlocks");
        }
        member.start().await;
        works(&province, &member).await;
    })
    .await;
}

/// Root without its way around permissions.
const ORDINARY: [&str; 4] = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
    "--",
];

fn may_be_ordinary() -> bool {
    let tried = std::process::Command::new(ORDINARY[0])
        .args(&ORDINARY[1..])
        .arg("true")
        .status();
    tried.is_ok_and(|status| status.success())
}

async fn works(province: &Province, member: &Server) {
    let written = member
        .staff()
        .await
        .publish(&Text::article("Tin sau đó"))
        .await;
    province
        .hub
        .staff()
        .await
        .finds_in_inbox(&written.title)
        .await;
}

fn remove(file: &std::path::Path) {
    if file.exists() {
        fs::remove_file(file).expect("removes");
    }
}
