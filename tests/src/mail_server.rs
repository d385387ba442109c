//! A real mail server, Nodemailer's smtp-server, in a process of its own. What it needs is in `tests/mail`, brought by
//! `tests/run`.

use crate::eventually;
use crate::network::Network;
use crate::service::Service;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A mail server that runs until it is dropped.
#[derive(Debug)]
pub struct MailServer {
    _service: Service,
    at: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    _network: Network,
}

/// A letter it was handed.
#[derive(Clone, Debug, Deserialize)]
pub struct Letter {
    /// From which address.
    pub from: String,
    /// To which addresses.
    pub to: Vec<String>,
    /// Its Message-ID.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl MailServer {
    /// The name it knows the one site by.
    pub const USER: &str = "cong-tinh";
    /// The password it shares with it.
    pub const PASSWORD: &str = "mật khẩu của máy chủ thư";

    /// Whether the machine has what it takes.
    pub fn is_there() -> bool {
        Service::is_there("mail", "smtp-server")
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        let network = Network::take();
        let at = network.host().public();
        let (ip, port) = (at.ip().to_string(), at.port().to_string());
        let arguments = [&*ip, &*port, Self::USER, Self::PASSWORD];
        let (service, said) = Service::start("mail", "server.mjs", arguments);
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let taken = Arc::clone(&letters);
        // Ends with the process.
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                let letter = serde_json::from_str(&line).expect("a letter");
                taken
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(letter);
            }
        });
        Self {
            _service: service,
            at,
            letters,
            _network: network,
        }
    }

    /// What the hub's settings say of it.
    pub fn settings(&self, password_file: &Path) -> String {
        format!(
            "\n[mail]\nhost = \"{}\"\nport = {}\nsecurity = \"none\"\nfrom = \"cong@quangngai.example\"\n\
             name = \"Cổng tỉnh Quảng Ngãi\"\nuser = {:?}\npassword_file = {:?}\n",
            self.at.ip(),
            self.at.port(),
            Self::USER,
            password_file.display().to_string(),
        )
    }

    /// The letter whose subject says `words`, once it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn gets(&self, words: &str) -> Letter {
        eventually(&format!("a letter about {words:?}"), async || {
            let letters = self.letters();
            let found = letters.iter().find(|letter| letter.subject.contains(words));
            found.cloned().ok_or_else(|| format!("{letters:?}"))
        })
        .await
    }

    /// All letters so far.
    pub fn letters(&self) -> Vec<Letter> {
        let letters = self.letters.lock();
        letters.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
