//! One struct a page, with the template it fills.
//!
//! Handlers load and decide, fill one of these, and answer with its `render()`. The fields are
//! the whole contract: a template reads nothing else.

#[cfg(test)]
mod account_samples;
mod accounts;
#[cfg(test)]
mod bulletin_samples;
mod bulletins;
#[cfg(test)]
mod citizen_samples;
mod citizens;
mod face;
mod hub;
mod kinds;
mod newsroom;
mod public;
mod ranking;
#[cfg(test)]
mod ranking_samples;
#[cfg(test)]
mod reorganisation_samples;
mod reorganisations;
mod royalties;
#[cfg(test)]
mod royalty_samples;
#[cfg(test)]
mod samples;
mod workflow;

#[cfg(test)]
pub(super) use samples::drawn_in;

pub use accounts::*;
pub use bulletins::*;
pub use citizens::*;
pub use face::*;
pub use hub::*;
pub use kinds::*;
pub use newsroom::*;
pub use public::*;
pub use ranking::*;
pub use reorganisations::*;
pub use royalties::*;
pub use workflow::*;

#[cfg(test)]
mod tests {
    use super::samples::rendered;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The text between each `before` and the next `after`.
    fn between<'a>(html: &'a str, before: &str, after: char) -> Vec<&'a str> {
        html.split(before)
            .skip(1)
            .filter_map(|rest| rest.split(after).next())
            .collect()
    }

    fn ids(html: &str) -> Vec<&str> {
        between(html, " id=\"", '"')
    }

    #[test]
    fn every_page_has_one_heading_one_main_part_and_says_its_language() {
        for (page, html) in rendered() {
            assert_eq!(html.matches("<h1").count(), 1, "h1 of {page}");
            assert_eq!(html.matches("<main").count(), 1, "main of {page}");
            assert!(html.contains("<html lang=\"vi\""), "language of {page}");
            assert!(!html.contains("<title></title>"), "title of {page}");
        }
    }

    #[test]
    fn no_page_carries_style_or_script_the_policy_forbids() {
        for (page, html) in rendered() {
            assert!(!html.contains(" style="), "style attribute in {page}");
            assert!(!html.contains("<style"), "style element in {page}");
            assert!(!html.contains("javascript:"), "script address in {page}");
            for event in [" onclick=", " onchange=", " onsubmit=", " onload="] {
                assert!(!html.contains(event), "{event} in {page}");
            }
            for script in between(&html, "<script", '>') {
                let data = script.contains("application/ld+json");
                assert!(data || script.contains("src="), "inline script in {page}");
            }
        }
    }

    #[test]
    fn ids_are_unique_and_everything_that_points_to_one_finds_it() {
        for (page, html) in rendered() {
            let all = ids(&html);
            let unique: BTreeSet<&str> = all.iter().copied().collect();
            assert_eq!(unique.len(), all.len(), "repeated id in {page}: {all:?}");
            let pointers = [
                " for=\"",
                " aria-labelledby=\"",
                " aria-describedby=\"",
                " href=\"#",
            ];
            for pointer in pointers {
                let ends = between(&html, pointer, '"');
                for id in ends.iter().flat_map(|ends| ends.split_whitespace()) {
                    assert!(unique.contains(id), "{page} points to missing #{id}");
                }
            }
        }
    }

    #[test]
    fn every_form_that_changes_something_carries_the_csrf_field() {
        for (page, html) in rendered() {
            // Citizens have no session and need none.
            if !html.contains("<body class=\"desk\"") {
                continue;
            }
            for form in html.split("<form").skip(1) {
                let form = form.split("</form>").next().unwrap_or_default();
                // Before there is a session there is no token; the server refuses what comes from
                // other sites' pages. Readers have none either; what other sites send is not counted.
                let is_before_sign_in = ["sign-in", "set-up", "second-step", "take-up", "feedback"]
                    .iter()
                    .any(|name| form.contains(&format!("data-element=\"{name}\"")));
                if form.contains("method=\"post\"") && !is_before_sign_in {
                    assert!(
                        form.contains("name=\"csrf\""),
                        "a form of {page} lacks csrf"
                    );
                }
            }
        }
    }

    #[test]
    fn every_field_has_a_label() {
        for (page, html) in rendered() {
            let labelled: BTreeSet<&str> = between(&html, "<label", '>')
                .into_iter()
                .flat_map(|label| between(label, "for=\"", '"'))
                .collect();
            for kind in ["<input", "<select", "<textarea"] {
                for field in between(&html, kind, '>') {
                    if field.contains("type=\"hidden\"") {
                        continue;
                    }
                    let id = ids(field).first().copied().unwrap_or_default();
                    assert!(labelled.contains(id), "{page} has no label for “{field}”");
                }
            }
        }
    }

    #[test]
    fn an_error_stands_at_the_top_and_beside_its_field() {
        let pages = rendered();
        let (_, html) = pages
            .iter()
            .find(|(page, _)| *page == "quan-tri-soan-loi")
            .expect("the form with errors is among the samples");
        assert_eq!(html.matches("Hãy ghi tiêu đề.").count(), 2);
        assert!(html.contains("<a href=\"#title\">Hãy ghi tiêu đề.</a>"));
        assert!(html.contains("aria-describedby=\"title-loi\""));
    }

    #[test]
    fn every_asset_a_page_asks_for_is_there() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        for (page, html) in rendered() {
            for name in between(&html, "\"/tai-nguyen/mau/", '"') {
                assert!(
                    assets.join(name).is_file(),
                    "{page} asks for missing {name}"
                );
            }
        }
    }
}
