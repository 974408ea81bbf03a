//! What watches over the server asks: alive, ready, figures.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tracing::{Instrument, Span, debug, field, info_span};

/// The server's own figures. None of them carries a name, a sample or a value.
pub struct Metrics {
    registry: Registry,
    requests: Family<Vec<(String, String)>, Counter>,
    duration_s: Histogram,
    in_flight: Gauge,
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
        let in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests that are being answered", in_flight.clone());
        Self { registry, requests, duration_s, in_flight }
    }
}

impl Metrics {
    /// The text that Prometheus reads, with what was counted a moment ago: name, help, number.
    ///
    /// # Errors
    /// Never: writing to a `String` does not fail.
    pub fn text(&self, counted: &[(&'static str, &'static str, i64)]) -> Result<String, std::fmt::Error> {
        let mut now = Registry::with_prefix("lis");
        for (name, help, number) in counted {
            let gauge: Gauge = Gauge::default();
            gauge.set(*number);
            now.register(*name, *help, gauge);
        }
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &now)?;
        encode_eof(&mut text)?;
        Ok(text)
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
    let span = info_span!(
        "request", request.id = %id, http.method = %method, http.path = %req.path(), http.status = field::Empty
    );
    req.extensions_mut().insert(super::RequestId(id));
    let metrics = req.app_data::<actix_web::web::Data<Metrics>>().cloned();
    async move {
        let start = Instant::now();
        let _in_flight = metrics.as_ref().map(|metrics| InFlight::new(metrics));
        let answered = next.call(req).await;
        let status = match &answered {
            Ok(res) => res.status().as_u16(),
            Err(error) => error.as_response_error().status_code().as_u16(),
        };
        let took = start.elapsed();
        Span::current().record("http.status", status);
        debug!(took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "Answered");
        if let Some(metrics) = &metrics {
            metrics.answered(&method, status, took.as_secs_f64());
        }
        answered
    }
    .instrument(span)
    .await
}

/// One request that is being answered. It ends also when the caller goes away and nobody waits for the answer.
struct InFlight(Gauge);

impl InFlight {
    fn new(metrics: &Metrics) -> Self {
        metrics.in_flight.inc();
        Self(metrics.in_flight.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
