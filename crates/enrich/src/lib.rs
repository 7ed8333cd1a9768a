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
        let hit_at = serde_json::to_value(hit).map(|value| (hit.offset, value));
        concerns.extend(hit_at);
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
    let mut end = 0;
    for (event, line) in events.split_inclusive('\n').zip(1..) {
        end += event.len() as u64;
        let mut event: Map<String, Value> = serde_json::from_str(event)
            .map_err(|error| format!("line {line} is no JSON object: {error}"))?;
        // Hits come in the order of the feed.
        let mut of_event = Vec::new();
        while let Some((_, hit)) = found.next_if(|(offset, _)| *offset < end) {
            of_event.push(hit);
        }
        if event.insert("concerns".to_owned(), of_event.into()).is_some() {
            return Err(format!("line {line} has a member concerns already"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use feedsieve::{Inventory, Limits, compile};

    #[test]
    fn hits_belong_to_their_event_whatever_ends_its_lines() {
        let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
        let (inventory, _) = Inventory::from_csv(csv.as_bytes()).expect("a header");
        let image = compile(&inventory, &Limits::default()).expect("within the limits");
        let image = Image::open(image).expect("just compiled");
        let concerns = |events: &str| -> Vec<Vec<String>> {
            let lines = enriched(&image, events).expect("events");
            let lines = str::from_utf8(&lines).expect("JSON").lines();
            let of_event = lines.map(|line| {
                let event: Value = serde_json::from_str(line).expect("JSON");
                let hits = event["concerns"].as_array().expect("an array").clone();
                hits.iter().map(|hit| hit["indicator"].to_string()).collect()
            });
            of_event.collect()
        };
        let (seven, nine) = (r#"{"ip":"192.0.2.7"}"#, r#"{"ip":"192.0.2.9"}"#);
        let expected = [vec![r#""192.0.2.7""#], vec![], vec![r#""192.0.2.9""#]];
        for end in ["\n", "\r\n", "\r\r\n", " \n"] {
            assert_eq!(concerns(&format!("{seven}{end}{{}}{end}{nine}")), expected, "{end:?}");
        }
        // Blanks of JSON, which end a line for others.
        assert_eq!(concerns(&format!("{seven}\n{{\r}}\n{{\r{}", &nine[1..])), expected);
        let taken = enriched(&image, "{}\n{\"concerns\":1}\n");
        assert_eq!(taken, Err("line 2 has a member concerns already".to_owned()));
    }
}
