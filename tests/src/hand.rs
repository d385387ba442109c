//! How somebody uses a page: with a pointer or with the keys alone, and how many actions it takes.
//!
//! Counted as people count: a press is one, a field filled in is one, a choice from a list is one, files
//! chosen at once are one. Going to a field with Tab belongs to filling it in.

use crate::browser::Browser;
use crate::waiting::eventually;
use std::cell::Cell;
use std::path::Path;
use thirtyfour::Key;

/// Most presses of Tab to come to something on a page.
const MOST_TABS: usize = 250;
/// Most choices of a list.
const MOST_CHOICES: usize = 80;

/// What somebody has under their hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A mouse, or a finger.
    Pointer,
    /// Tab, Enter, Space and the arrows; nothing is ever clicked.
    Keys,
}

/// Somebody at a browser.
#[derive(Debug)]
pub struct Hand<'a> {
    browser: &'a Browser,
    way: Way,
    actions: Cell<u32>,
}

impl<'a> Hand<'a> {
    /// Somebody who has done nothing yet.
    pub fn new(browser: &'a Browser, way: Way) -> Self {
        Self {
            browser,
            way,
            actions: Cell::new(0),
        }
    }

    /// How many actions it took so far.
    pub fn actions(&self) -> u32 {
        self.actions.get()
    }

    /// Presses a link or a button that leads to another page, and looks at that.
    ///
    /// # Panics
    /// When it cannot be come to, or leads nowhere.
    pub async fn follows(&self, selector: &str) {
        match self.way {
            Way::Pointer => self.browser.presses(selector).await,
            Way::Keys => {
                self.comes_to(selector).await;
                let before = self.browser.finds("html").await;
                self.browser.hits(Key::Enter).await;
                self.browser.leaves(&before, selector).await;
            }
        }
        self.counts();
    }

    /// Presses a button that stays on the page.
    ///
    /// # Panics
    /// When it cannot be come to.
    pub async fn presses(&self, selector: &str) {
        self.comes_to(selector).await;
        if self.way == Way::Keys {
            self.browser.strikes(" ").await;
        }
        self.counts();
    }

    /// Fills a field in. What is in it stays before what is typed.
    ///
    /// # Panics
    /// When it cannot be come to.
    pub async fn types(&self, selector: &str, text: &str) {
        self.comes_to(selector).await;
        self.browser.hits(Key::Control + Key::End).await;
        self.browser.hits(text).await;
        self.counts();
    }

    /// Chooses from a list.
    ///
    /// # Panics
    /// When it cannot be come to, or does not offer `value`.
    pub async fn chooses(&self, name: &str, value: &str) {
        match self.way {
            Way::Pointer => self.browser.chooses(name, value).await,
            Way::Keys => {
                self.comes_to(&format!("select[name={name}]")).await;
                self.browser.hits(Key::Home).await;
                let script = "return document.activeElement.value";
                for _ in 0..MOST_CHOICES {
                    if self.browser.ask(script).await == value {
                        break;
                    }
                    self.browser.hits(Key::Down).await;
                }
                assert_eq!(self.browser.ask(script).await, value, "of {name}");
            }
        }
        self.counts();
    }

    /// Opens the file field `selector`, or the button in front of it, and chooses files at once.
    ///
    /// # Panics
    /// When it cannot be come to, or takes no files.
    pub async fn chooses_files(&self, opener: &str, selector: &str, files: &[impl AsRef<Path>]) {
        // What opens by itself then is a window of the machine, which has no place in a test.
        self.browser.takes_file_windows_over().await;
        let field = self.browser.finds(selector).await;
        if self.way == Way::Pointer && opener == selector {
            // A driver may not click a field for files; whoever points at it can see it.
            field.scroll_into_view().await.expect("it scrolls");
            assert!(field.is_displayed().await.expect("a field"), "{selector}");
            self.counts();
        } else {
            self.presses(opener).await;
        }
        let paths: Vec<_> = files
            .iter()
            .map(|file| file.as_ref().to_string_lossy().into_owned())
            .collect();
        let chosen = field.send_keys(paths.join("\n")).await;
        chosen.unwrap_or_else(|error| panic!("{selector} takes no files: {error}"));
        self.counts();
    }

    /// Has the focus where `selector` says; by the keys, every place on the way must show that it has it.
    async fn comes_to(&self, selector: &str) {
        match self.way {
            Way::Pointer => {
                // What moved meanwhile, because a picture came, is pointed at again.
                eventually(&format!("{selector} can be pressed"), async || {
                    let target = self.browser.finds(selector).await;
                    target.scroll_into_view().await?;
                    target.click().await
                })
                .await;
            }
            Way::Keys => self.tabs_to(selector).await,
        }
    }

    async fn tabs_to(&self, selector: &str) {
        self.browser.finds(selector).await;
        let there = "return document.activeElement.matches(arguments[0])";
        for _ in 0..MOST_TABS {
            if self.browser.asks_of(there, selector).await == true {
                return;
            }
            self.browser.strikes(Key::Tab).await;
            eventually("the focus is seen", async || {
                match self.browser.ask(FOCUS).await.as_str() {
                    Some("") => Ok(()),
                    flaw => Err(flaw.unwrap_or("no answer").to_owned()),
                }
            })
            .await;
        }
        panic!("Tab does not come to {selector}");
    }

    fn counts(&self) {
        self.actions.set(self.actions.get() + 1);
    }
}

/// What is wrong with how the focus is shown, or nothing. Whatever has it must look other than without it, and
/// not lie hidden behind something else (WCAG 2.4.7 and 2.4.11).
const FOCUS: &str = r"
const here = document.activeElement;
const name = (one) => `${one.tagName} ${one.id} ${one.getAttribute('name') ?? ''} ${one.textContent.trim().slice(0, 40)}`;
const marked = (one) => [one, ...(one.labels ?? []), ...(one.matches('.ProseMirror') ? [one.closest('.editor')] : [])];
const look = (one) => marked(one).map((part) => {
  const style = getComputedStyle(part);
  const outline = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2 ? '' : `${style.outlineWidth} ${style.outlineColor}`;
  return [outline, style.boxShadow, style.borderColor, style.backgroundColor].join(' ');
}).join();
const before = window.focusBefore;
window.focusBefore = undefined;
if (before && before.one !== here && before.one.isConnected && !before.one.matches('.ProseMirror') && look(before.one) === before.look) return `${name(before.one)} looks the same without the focus`;
if (!here || here === document.body) return '';
window.focusBefore = { one: here, look: look(here) };
const isOf = (found) => found && marked(here).some((part) => part === found || part.contains(found) || found.contains(part) && getComputedStyle(found).display === 'inline');
const box = (here.labels?.length && getComputedStyle(here).opacity === '0' ? here.labels[0] : here).getClientRects()[0];
if (!box) return `${name(here)} is nowhere`;
const places = [[0.5, 0.5], [0.05, 0.1], [0.95, 0.9], [0.05, 0.9], [0.95, 0.1], [0.5, 0.1], [0.5, 0.9]];
const isSeen = places.some(([x, y]) => isOf(document.elementFromPoint(box.left + x * box.width, box.top + y * box.height)));
if (isSeen) return '';
window.focusBefore = undefined;
return `${name(here)} has the focus and is hidden at ${Math.round(box.left)}, ${Math.round(box.top)}`;
";
