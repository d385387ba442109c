//! What people type is found as they mean it, whichever database the province has.

use tests::{Backend, Page, Province, Text};

on_both_databases! {
    what_is_typed_is_found_as_it_is_meant_here_and_in_the_whole_province
}

async fn what_is_typed_is_found_as_it_is_meant_here_and_in_the_whole_province(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let desk = province.hub.staff().await;
    for title in [
        "Hòa giải ở cơ sở",
        "Đắk Kôi đón khách",
        "Kon Rẫy mở chợ phiên",
        "Phê duyệt theo Quyết định 184/QĐ-UBND",
        "Hoa nở ven đường",
        "Văn hóa cồng chiêng",
        "Đăk Kôi vào vụ",
    ] {
        desk.publish(&Text::article(title)).await;
    }
    let cases: [(&str, &[&str]); 8] = [
        ("kon+ray", &["Kon Rẫy mở chợ phiên"]),
        ("Kon+R%E1%BA%ABy", &["Kon Rẫy mở chợ phiên"]),
        ("dak+koi", &["Đăk Kôi vào vụ", "Đắk Kôi đón khách"]),
        (
            "%C4%90%E1%BA%AFk+K%C3%B4i",
            &["Đắk Kôi đón khách", "Đăk Kôi vào vụ"],
        ),
        (
            "hoa",
            &[
                "Văn hóa cồng chiêng",
                "Hoa nở ven đường",
                "Hòa giải ở cơ sở",
            ],
        ),
        (
            "ho%C3%A0",
            &[
                "Hòa giải ở cơ sở",
                "Văn hóa cồng chiêng",
                "Hoa nở ven đường",
            ],
        ),
        ("184/qd-ubnd", &["Phê duyệt theo Quyết định 184/QĐ-UBND"]),
        // With a slip of the finger.
        ("kon+rya", &["Kon Rẫy mở chợ phiên"]),
    ];
    for (typed, expected) in cases {
        let page = province
            .hub
            .visitor()
            .get(&format!("/tim-kiem?q={typed}"))
            .await;
        assert_eq!(titles(&page), expected, "{typed}");
    }

    // What the commune has not got is one click away.
    let page = kon_braih.visitor().get("/tim-kiem?q=kon+ray").await;
    page.must_say("Toàn tỉnh");
    page.must_say("/tim-kiem?q=kon+ray\">Toàn tỉnh</a>");
}

/// The titles of the results, in their order.
fn titles(page: &Page) -> Vec<String> {
    let results = page.body.split("data-element=\"results\"").nth(1);
    let results = results.unwrap_or_default().split("<h3>").skip(1);
    results
        .filter_map(|result| {
            let title = result.split_once("</h3>")?.0.replace("</a>", "");
            let title = title.split_once('>')?.1.to_owned();
            Some(title.replace("<mark>", "").replace("</mark>", ""))
        })
        .collect()
}
