//! What watches over the server asks: alive, ready, figures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tracing::{Instrument, info_span};

/// The server's own figures. None of them carries a name, a sample or a value.
pub struct Metrics {
    registry: Registry,
    requests: Family<Vec<(String, String)>, Counter>,
    duration_s: Histogram,
    in_flight: AtomicU64,
}

/// Buckets from 1 ms to about 8 s: pages are measured against goals between 0.3 and 3 s.
const FIRST_BUCKET_S: f64 = 0.001;
const BUCKETS: u16 = 14;

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("lis");
        let requests = Family::default();
        let duration_s = Histogram::new(exponential_buckets(FIRST_BUCKET_S, 2.0, BUCKETS));
        registry.register("http_requests", "Answered requests by status class and method", requests.clone());
        registry.register("http_request_duration_seconds", "Time to the head of the answer", duration_s.clone());
        Self { registry, requests, duration_s, in_flight: AtomicU64::new(0) }
    }
}

impl Metrics {
    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    fn answered(&self, method: &str, status: u16, took_s: f64) {
        let class = format!("{}xx", status / 100);
        self.requests.get_or_create(&vec![("method".into(), method.into()), ("status".into(), class)]).inc();
        self.duration_s.observe(took_s);
    }
}

/// Gives each request an id and a span, and counts it.
pub async fn observe(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let method = req.method().to_string();
    let span = info_span!("request", request.id = %id, http.method = %method, http.path = %req.path());
    req.extensions_mut().insert(super::RequestId(id));
    let metrics = req.app_data::<actix_web::web::Data<Metrics>>().cloned();
    let start = Instant::now();
    if let Some(metrics) = &metrics {
        metrics.in_flight.fetch_add(1, Ordering::Relaxed);
    }
    let answered = next.call(req).instrument(span).await;
    if let Some(metrics) = metrics {
        metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
        let status = match &answered {
            Ok(res) => res.status().as_u16(),
            Err(error) => error.as_response_error().status_code().as_u16(),
        };
        metrics.answered(&method, status, start.elapsed().as_secs_f64());
    }
    answered
}
