//! Files that are damaged, cut, deleted, replaced or locked away under a site.

use rand::RngExt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tests::{
    Backend, Chance, Province, Server, Text, bounded, eventually, leave_out, measured, rounds,
    within,
};

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

/// What happens to the log beside a database while its site is dead.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// It ends in the middle of something.
    Cut,
    /// Its end is there and is nonsense.
    Torn,
    Gone,
    /// Only the index of it is gone, which loses nothing.
    IndexGone,
}

impl Loss {
    const ALL: [Self; 4] = [Self::IndexGone, Self::Cut, Self::Torn, Self::Gone];

    fn befalls(self, folder: &Path, chance: &mut Chance) {
        let log = folder.join("site.db-wal");
        let length = fs::metadata(&log).expect("a log").len();
        assert!(length > 32, "the log holds something");
        let from = chance.random_range(32..length);
        match self {
            Self::IndexGone => remove(&folder.join("site.db-shm")),
            Self::Gone => remove(&log),
            Self::Cut => {
                let file = fs::OpenOptions::new()
                    .write(true)
                    .open(&log)
                    .expect("opens");
                file.set_len(from).expect("cuts");
            }
            Self::Torn => {
                let mut bytes = fs::read(&log).expect("reads");
                let from = usize::try_from(from).expect("a length");
                bytes[from..].fill(0xA5);
                fs::write(&log, bytes).expect("writes");
            }
        }
    }
}

/// A disk that lied: what it said was synced is not there. Whatever had reached the other side comes
/// back from there.
#[tokio::test]
async fn a_member_that_lost_the_end_of_its_log_gets_back_what_had_left_it() {
    bounded(lost_logs(false)).await;
}

#[tokio::test]
async fn a_hub_that_lost_the_end_of_its_log_gets_back_what_had_left_it() {
    bounded(lost_logs(true)).await;
}

async fn lost_logs(is_hub: bool) {
    let mut chance = Chance::begin();
    let mut province = Province::found(Backend::Sqlite).await;
    let mut member = province.commune("xã Kon Braih").await;
    let (editor, desk) = (province.hub.staff().await, member.staff().await);
    let (mut from_above, mut from_below) = (Vec::new(), Vec::new());
    for round in 0..rounds(1, 5) {
        for loss in Loss::ALL {
            // Who belongs to the province and who has signed in is older than what is lost.
            for server in [&mut member.server, &mut province.hub] {
                server.stop().await;
                tests::records::fold_in(&server.folder().join("site.db")).await;
                server.start().await;
            }
            for number in 1..=2 {
                let title = format!("Tin trước lúc {loss:?} {round}.{number}.");
                desk.publish(&Text::article(&title)).await;
                editor.finds_in_inbox(&title).await;
                from_below.push(title);
                let title = format!("Thông báo trước lúc {loss:?} {round}.{number}.");
                editor.publish(&Text::notice(&title)).await;
                shows(&member, &title).await;
                from_above.push(title);
            }
            let victim = if is_hub {
                &mut province.hub
            } else {
                &mut member.server
            };
            victim.kill_9();
            loss.befalls(victim.folder(), &mut chance);
            victim.start().await;
            // Whoever has something to say finds out at once.
            let title = format!("Tin ngay sau {loss:?} {round}.");
            desk.publish(&Text::article(&title)).await;
            from_below.push(title);
            within(
                Duration::from_secs(150),
                "everything is there again, once",
                async || {
                    let (there, here) = (province.records().await, member.records().await);
                    let not_once = |title: &&String| {
                        [&there, &here]
                            .iter()
                            .any(|records| records.rows_saying("entries", title) != 1)
                    };
                    match from_below.iter().chain(&from_above).find(not_once) {
                        None => Ok(()),
                        Some(title) => Err(format!("not once at both, after {loss:?}: {title}")),
                    }
                },
            )
            .await;
        }
    }
    measured(
        "G13",
        &format!(
            "{}: write-ahead log cut, torn, taken away, its index deleted, {} times: {} entries the other \
             side had acknowledged or shown, 0 lost, 0 doubled",
            if is_hub { "hub" } else { "member" },
            rounds(1, 5) * Loss::ALL.len(),
            from_above.len() + from_below.len(),
        ),
    );
}

async fn shows(member: &Server, title: &str) {
    eventually(&format!("the member shows {title:?}"), async || {
        member.visitor().get("/").await.showing(title)
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
