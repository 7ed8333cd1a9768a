//! `feedsieve-enrich IMAGE [PORT]`: serves on the loopback address.

use std::net::Ipv4Addr;
use std::sync::Arc;

use feedsieve::ReloadOptions;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, port) = match arguments.as_slice() {
        [path] => (path, 8080),
        [path, port] => (path, port.parse()?),
        _ => return Err("usage: feedsieve-enrich IMAGE [PORT]".into()),
    };
    let images = ReloadOptions::default()
        .on_error(|error| eprintln!("the image that is there stays: {error}"))
        .on_reload(|image| eprintln!("a new image: {} assets", image.asset_count()))
        .watch(path)?;
    // Whoever may ask learns whom the image holds; that is for a proxy to decide.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, feedsieve_enrich::routes(Arc::new(images))).await?;
    Ok(())
}
