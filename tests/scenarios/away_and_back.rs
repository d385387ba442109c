//! Sites that cannot be called, are switched off, or sit at the end of a bad road.

use std::time::Duration;
use tests::{Backend, Fault, Front, NewMember, Province, Server, Text, Visitor, eventually};

on_both_databases! {
    a_member_that_cannot_be_called_takes_full_part
    a_member_that_was_off_catches_up
    a_hub_that_was_off_catches_up
    a_road_that_was_cut_heals
    an_answer_that_is_lost_costs_a_repetition
    a_slow_road_is_a_road
}

async fn a_member_that_cannot_be_called_takes_full_part(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.join(NewMember::behind_nat("xã Kon Braih")).await;
    let dak_koi = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let outside = Visitor::at(&kon_braih.base_url());
    assert!(outside.try_get("/").await.is_err(), "nobody gets in");

    let title = "Tổ công nghệ số cộng đồng đi từng bếp lửa";
    kon_braih.staff().await.publish(&Text::article(title)).await;
    province.hub.staff().await.accept(title).await;
    dak_koi.staff().await.accept(title).await;
    shows(&dak_koi, title).await;

    // It is told at once, not when it next happens to ask.
    let notice = "Thông báo khẩn: nước suối Đăk Pơ Ne lên nhanh";
    province
        .hub
        .staff()
        .await
        .publish(&Text::notice(notice))
        .await;
    shows(&kon_braih, notice).await;
    shows(&dak_koi, notice).await;
}

async fn a_member_that_was_off_catches_up(hub: Backend) {
    let province = Province::found(hub).await;
    let mut called = province.commune("xã Kon Braih").await;
    let mut asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    called.stop().await;
    asking.kill_9();

    // While they are away: a notice, a correction of it, one that is withdrawn again, and many more.
    let desk = province.hub.staff().await;
    let wrong = desk.publish(&Text::notice("Họp dân lúc 7 giờ")).await;
    let mended = "Họp dân lúc 19 giờ";
    desk.revise(&wrong, mended, "Sửa giờ họp.").await;
    let taken_back = desk.publish(&Text::notice("Thông báo đăng nhầm")).await;
    desk.withdraw(&taken_back, "Đăng nhầm.").await;
    for number in 1..=12 {
        let title = format!("Thông báo số {number} trong thời gian mất điện");
        desk.publish(&Text::notice(title)).await;
    }

    called.start().await;
    asking.start().await;
    for site in [&called.server, &asking.server] {
        eventually("all notices are there", async || {
            let list = site.visitor().get("/thong-bao").await.showing(mended)?;
            let list = list
                .showing("Thông báo số 1 trong")?
                .showing("số 12 trong")?;
            list.without("Họp dân lúc 7 giờ")?.without("đăng nhầm")
        })
        .await;
        // Who asks for what was withdrawn before it ever came here learns that it is gone.
        let page = site.visitor().get(&taken_back.page).await;
        assert!(matches!(page.status, 404 | 410), "{}", page.status);
    }
}

async fn a_hub_that_was_off_catches_up(hub: Backend) {
    let mut province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let editor = province.hub.staff().await;
    province.hub.kill_9();

    // The commune works on as if nothing had happened.
    let desk = kon_braih.staff().await;
    let titles = ["Tin viết lúc tỉnh mất điện", "Tin viết sau đó"];
    for title in titles {
        desk.publish(&Text::article(title)).await;
        shows(&kon_braih, title).await;
    }
    eventually("its authors see that it waits", async || {
        desk.sent().await.showing("Đang chờ gửi")
    })
    .await;

    province.hub.start().await;
    for title in titles {
        editor.accept(title).await;
    }
    eventually("its authors see that it was accepted", async || {
        desk.sent()
            .await
            .without("Đang chờ gửi")?
            .showing("Đã đăng trên cổng tỉnh")
    })
    .await;
}

async fn a_road_that_was_cut_heals(hub: Backend) {
    let province = Province::found_behind(hub, Front::Proxy).await;
    let kon_braih = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let (up, down) = roads(&province, &kon_braih);
    let desk = kon_braih.staff().await;
    let editor = province.hub.staff().await;
    for round in 1..=2 {
        up.set(Fault::Cut);
        down.set(Fault::Cut);
        let from_below = format!("Tin của xã lần {round}");
        let from_above = format!("Thông báo của tỉnh lần {round}");
        desk.publish(&Text::article(&from_below)).await;
        editor.publish(&Text::notice(&from_above)).await;
        eventually("the commune notices that nobody answers", async || {
            let status = kon_braih.command_says(&["status"]).await;
            if status.contains("unreachable") {
                Ok(())
            } else {
                Err(status)
            }
        })
        .await;
        up.set(Fault::None);
        down.set(Fault::None);
        editor.finds_in_inbox(&from_below).await;
        shows(&kon_braih, &from_above).await;
    }
}

async fn an_answer_that_is_lost_costs_a_repetition(hub: Backend) {
    let province = Province::found_behind(hub, Front::Proxy).await;
    let kon_braih = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let (up, down) = roads(&province, &kon_braih);
    let desk = kon_braih.staff().await;
    let editor = province.hub.staff().await;

    // Every request arrives, and no answer does.
    up.set(Fault::AnswerLost);
    down.set(Fault::AnswerLost);
    let from_below = "Tin đi mà không có hồi âm";
    let from_above = "Thông báo đi mà không có hồi âm";
    desk.publish(&Text::article(from_below)).await;
    editor.publish(&Text::notice(from_above)).await;
    eventually("the commune gets no receipt", async || {
        let status = kon_braih.command_says(&["status"]).await;
        if status.contains("unreachable") {
            Ok(())
        } else {
            Err(status)
        }
    })
    .await;
    up.set(Fault::None);
    down.set(Fault::None);

    editor.accept(from_below).await;
    shows(&kon_braih, from_above).await;
    eventually("the commune has its receipt", async || {
        desk.sent().await.showing("Đã đăng trên cổng tỉnh")
    })
    .await;
    // Said twice or more, and there once.
    for (records, title) in [
        (province.records().await, from_below),
        (kon_braih.records().await, from_above),
    ] {
        assert_eq!(records.rows_saying("entries", title), 1, "{title}");
    }
}

async fn a_slow_road_is_a_road(hub: Backend) {
    let province = Province::found_behind(hub, Front::Proxy).await;
    let kon_braih = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let (up, down) = roads(&province, &kon_braih);
    up.set(Fault::Slow(Duration::from_millis(700)));
    down.set(Fault::Slow(Duration::from_millis(700)));
    let title = "Tin đi bằng sóng yếu";
    kon_braih.staff().await.publish(&Text::article(title)).await;
    province.hub.staff().await.accept(title).await;
    let notice = "Thông báo đi bằng sóng yếu";
    province
        .hub
        .staff()
        .await
        .publish(&Text::notice(notice))
        .await;
    shows(&kon_braih, notice).await;
}

/// The roads to the hub and to a member.
fn roads<'a>(
    province: &'a Province,
    member: &'a tests::Member,
) -> (&'a tests::Proxy, &'a tests::Proxy) {
    let up = province.road.as_ref().expect("a road to the hub");
    let down = member.road.as_ref().expect("a road to the member");
    (up, down)
}

async fn shows(site: &Server, title: &str) {
    eventually(
        &format!("{} shows {title:?}", site.base_url()),
        async || site.visitor().get("/").await.showing(title),
    )
    .await;
}
