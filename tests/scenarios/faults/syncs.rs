//! Between a write and its acknowledgement lies the disk: nothing is acknowledged that it did not
//! confirm, and a disk that fails or dawdles is no reason to pretend.

use futures_util::FutureExt;
use std::pin::pin;
use tests::faulty_peer::{ACCEPTED, outcomes};
use tests::machine::{Tracer, order_of};
use tests::{Backend, FaultyPeer, Province, bounded, eventually, measured, rounds};

/// What has to do with files and answers, and nothing else, so that the process is not slowed down.
const CALLS: &str =
    "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg,read,readv,recvfrom,recvmsg";

#[tokio::test]
async fn a_hub_acknowledges_after_the_disk_has() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut peer = province.faulty_peer("xã Kon Braih").await;
        let Some(tracer) = Tracer::attach(&province.hub, &["-e", CALLS]).await else {
            return;
        };
        let rounds = rounds(25, 1_000);
        for number in 0..rounds {
            let item = peer.says(peer.article(&format!("Tin số {number}")));
            assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);
        }
        let calls = tracer.end().await;
        let order = order_of(&calls, province.hub.folder(), "HTTP/1.1 200");
        assert_eq!(order.answers, rounds, "every acknowledgement was seen");
        assert_eq!(order.unsynced, 0, "an acknowledgement before its sync");
        measured(
            "G1",
            &format!("{rounds} acknowledgements watched by strace, 0 before their sync"),
        );
    })
    .await;
}

#[tokio::test]
async fn a_disk_that_fails_is_not_acknowledged_for() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let mut peer = province.faulty_peer("xã Kon Braih").await;
        let mut said = Vec::new();
        for round in 0..rounds(2, 20) {
            say(&mut peer, &mut said).await;
            let failing = [
                "-e",
                "inject=fdatasync,fsync:error=EIO",
                "-e",
                "trace=fdatasync,fsync",
            ];
            let Some(tracer) = Tracer::attach(&province.hub, &failing).await else {
                return;
            };
            let item = peer.says(peer.article(&format!("Tin lúc ổ đĩa hỏng, lần {round}")));
            said.push(item.clone());
            let answer = peer.try_send(&peer.request(&peer.batch(vec![item]))).await;
            // Ended, or an error of its own: anything but a receipt.
            let status = answer.as_ref().map_or(503, |answer| answer.status);
            assert!(status >= 500, "{answer:?}");
            let calls = tracer.end().await;
            assert!(calls.contains("INJECTED"), "the disk did fail: {calls}");

            if round % 2 == 0 {
                // What the process believes now is worth nothing; what the disk has is.
                if province.hub.is_running() {
                    province.hub.kill_9();
                }
                province.hub.start().await;
            }
            eventually("it takes in what it could not", async || {
                peer.cursor = peer.try_greet().await?.cursors.regular;
                let held = usize::try_from(peer.cursor)?;
                peer.try_push(said[held..].to_vec()).await?;
                anyhow::Ok(())
            })
            .await;
        }
        assert_eq!(
            peer.held().await.len(),
            said.len(),
            "nothing lost, nothing twice"
        );
    })
    .await;
}

async fn say(peer: &mut FaultyPeer, said: &mut Vec<serde_json::Value>) {
    let item = peer.says(peer.article("Tin lúc ổ đĩa còn tốt"));
    said.push(item.clone());
    assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);
}

#[tokio::test]
async fn a_slow_disk_holds_up_writers_and_no_reader() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut peer = province.faulty_peer("xã Kon Braih").await;
        let visitor = province.hub.visitor();
        visitor.get("/").await;
        // Two seconds for each sync, as of a card that is wearing out.
        let slow = [
            "-e",
            "inject=fdatasync:delay_enter=2000000",
            "-e",
            "trace=fdatasync",
        ];
        let Some(_tracer) = Tracer::attach(&province.hub, &slow).await else {
            return;
        };
        let item = peer.says(peer.article("Tin lên thẻ nhớ chậm"));
        let mut push = pin!(peer.push(vec![item]).fuse());
        let mut read = 0;
        let receipt = loop {
            tokio::select! {
                receipt = &mut push => break receipt,
                page = visitor.get("/") => {
                    assert_eq!(page.status, 200);
                    read += 1;
                }
            }
        };
        assert_eq!(outcomes(&receipt), [ACCEPTED]);
        assert!(read > 0, "nobody could read while the disk was busy");
        println!("{read} pages read during one slow acknowledgement");
    })
    .await;
}
