//! The command line of the demo.

use crate::content::{self, Content};
use crate::foreign;
use crate::processes::Processes;
use crate::province::{self, Layout};
use crate::summary::Summary;
use crate::{seed, slow};
use anyhow::Context;
use clap::Parser;
use shared::server::Shutdown;
use std::path::PathBuf;

/// Tỉnh minh họa: một cổng của tỉnh và các trang thành viên chạy trên máy này, có sẵn một năm tin bài.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
pub struct Cli {
    /// Nơi đặt dữ liệu minh họa; lần sau chạy lại dùng tiếp dữ liệu cũ
    #[arg(long, default_value = "demo-data", value_name = "THƯ MỤC")]
    dir: PathBuf,
    /// Cổng mạng của cổng tỉnh; các trang thành viên dùng những cổng mạng kế tiếp
    #[arg(long, default_value_t = 8800)]
    port: u16,
    /// Chỉ chuẩn bị dữ liệu rồi dừng
    #[arg(long)]
    prepare_only: bool,
    /// Không đăng thêm tin trong lúc chạy
    #[arg(long)]
    still: bool,
}

impl Cli {
    /// Makes the province if it is not there, starts it, and keeps publishing until told to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        let shutdown = Shutdown::on_signals()?;
        let content = content::load()?;
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("không tạo được thư mục {}", self.dir.display()))?;
        let dir = self.dir.canonicalize()?;
        let summary = match Summary::read(&dir)? {
            Some(summary) => {
                println!("Dùng lại dữ liệu minh họa trong {}.", dir.display());
                if summary.port != self.port {
                    println!(
                        "Dữ liệu này được tạo với --port {}; tiếp tục dùng cổng mạng đó.",
                        summary.port
                    );
                }
                summary
            }
            None => make(&dir, self.port, &content, &shutdown).await?,
        };
        if self.prepare_only || shutdown.is_triggered() {
            return Ok(());
        }
        let layout = Layout::new(&dir, summary.port, &content);
        let feed = foreign::start(&layout, &content, &shutdown)?;
        let mut processes = Processes::start(&layout, &shutdown).await?;
        seed::settle(&layout, &content, &shutdown).await?;
        if !self.still {
            println!("Cứ khoảng một phút có một tin mới ở một đơn vị.");
        }
        summary.print();
        tokio::select! {
            () = shutdown.wait() => {}
            ended = processes.any_ended() => {
                let name = ended?;
                println!("{name} đã dừng ngoài ý muốn; xem tệp nhật ký trong {}.", dir.display());
            }
            ended = slow::publish(&layout, &content, &shutdown), if !self.still => ended?,
        }
        println!("\nĐang dừng…");
        shutdown.trigger();
        processes.stop().await;
        feed.await.context("nguồn tin ngoài dừng không sạch")??;
        println!(
            "Đã dừng. Dữ liệu còn trong {}; chạy lại lệnh demo để dùng tiếp.",
            dir.display()
        );
        Ok(())
    }
}

/// Makes the province aside and moves it into place when it is whole, so that an interrupted start
/// is simply begun again.
async fn make(
    dir: &std::path::Path,
    port: u16,
    content: &Content,
    shutdown: &Shutdown,
) -> anyhow::Result<Summary> {
    let layout = Layout::new(dir, port, content);
    layout.clear()?;
    println!(
        "Tạo tỉnh minh họa trong {} (chỉ lần đầu, khoảng một phút).",
        dir.display()
    );
    let mut summary = province::make(&layout, content, shutdown).await?;
    seed::fill(&layout, content, &mut summary, shutdown).await?;
    summary.write(dir)?;
    Ok(summary)
}
