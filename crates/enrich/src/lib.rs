//! A service that says in each event of a log whom it concerns.
//!
//! `POST /enrich` takes events as JSON lines and gives them back, each with its hits under
//! `concerns`. `GET /lookup/INDICATOR` answers as `feedsieve lookup` does. `GET /image` tells which image
//! answers. The image is replaced while requests are answered, and none of them notices.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use feedsieve::{Format, Hit, Image, Indicator, Reloading, Scanner, SinkFn, Source, json};
use serde_json::{Map, Value};

/// The routes of the service, answered by the image of now.
pub fn routes(images: Arc<Reloading>) -> Router {
    Router::new()
        .route("/enrich", post(enrich))
        .route("/lookup/{indicator}", get(lookup))
        .route("/image", get(image))
        .with_state(images)
}

async fn enrich(State(images): State<Arc<Reloading>>, events: String) -> Response {
    // One image for all of the request. A clone is cheap, and may go to another thread.
    let image = images.image();
    // A scan keeps its thread until it is done, and those of the runtime are for requests.
    let enriched = tokio::task::spawn_blocking(move || enriched(&image, &events)).await;
    match enriched {
        Ok(Ok(lines)) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        Ok(Err(why)) => (StatusCode::BAD_REQUEST, why).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The events, each with what it concerns.
fn enriched(image: &Image, events: &str) -> Result<Vec<u8>, String> {
    let mut concerns: Vec<(u64, Value)> = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        let hit_of_line = serde_json::to_value(hit).map(|value| (hit.line, value));
        concerns.extend(hit_of_line);
        true
    });
    let scanner = Scanner::new(image).format(Format::Ndjson);
    let stats = scanner
        .scan(Source::slice("events", events.as_bytes()), &mut sink)
        .map_err(|error| error.to_string())?;
    if let Some(why) = stats.incomplete_why {
        return Err(why);
    }
    let mut found = concerns.into_iter().peekable();
    let mut lines = Vec::with_capacity(events.len());
    for (event, line) in events.lines().zip(1..) {
        let mut event: Map<String, Value> = serde_json::from_str(event)
            .map_err(|error| format!("line {line} is no JSON object: {error}"))?;
        // Hits come in the order of the feed.
        let mut of_event = Vec::new();
        while let Some((_, hit)) = found.next_if(|(of_line, _)| *of_line == line) {
            of_event.push(hit);
        }
        event.insert("concerns".to_owned(), of_event.into());
        json::write(&mut lines, &event);
        lines.push(b'\n');
    }
    Ok(lines)
}

async fn lookup(State(images): State<Arc<Reloading>>, Path(asked): Path<String>) -> Response {
    let indicator = match Indicator::parse(&asked) {
        Ok(indicator) => indicator,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    // A lookup takes less than a microsecond, and nothing waits meanwhile.
    let image = images.load();
    let mut answers = Vec::new();
    for found in image.lookup(&indicator) {
        found.write_json(&indicator, &mut answers);
        answers.push(b'\n');
    }
    ([(header::CONTENT_TYPE, "application/x-ndjson")], answers).into_response()
}

async fn image(State(images): State<Arc<Reloading>>) -> String {
    let image = images.load();
    format!("{} with {} assets\n", json::hex(&image.digest()), image.asset_count())
}
