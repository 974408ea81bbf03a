//! 200 MB into a form that expects a few words: refused while it comes in, without holding it in memory. The server is
//! a process of its own here, so that its memory can be weighed.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lis_tests::Program;

/// The upload, and how much the server may grow by it: the largest body held at once (16 MiB) and some slack.
const UPLOAD_BYTES: usize = 200 * 1024 * 1024;
const GROWTH_BYTES: u64 = 40 * 1024 * 1024;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// Sends the head and then as much of the body as the server takes; returns the status line of the answer, empty when
/// the server broke off before it arrived.
fn pour(address: SocketAddr, head: &str, chunked: bool) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    // Longer than a loaded machine needs; an answer that does not come fails the test.
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).expect("a time limit");
    stream.set_write_timeout(patience).expect("a time limit");
    stream.write_all(head.as_bytes()).expect("the head goes out");
    let piece = vec![b'a'; 64 * 1024];
    let mut sent = 0;
    while sent < UPLOAD_BYTES {
        let written = if chunked {
            write!(stream, "{:x}\r\n", piece.len())
                .and_then(|()| stream.write_all(&piece))
                .and_then(|()| stream.write_all(b"\r\n"))
        } else {
            stream.write_all(&piece)
        };
        match written {
            Ok(()) => sent += piece.len(),
            Err(error)
                if [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset, ErrorKind::WouldBlock]
                    .contains(&error.kind()) =>
            {
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    let mut answer = vec![0; 4096];
    // After a reset the answer may be lost on the way; what arrived is enough.
    let read = stream.read(&mut answer).unwrap_or(0);
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_huge_upload_is_refused_and_not_held_in_memory() {
    let data = tempfile::TempDir::new().expect("a directory");
    let init = Command::new(program()).args(["init", "--admin", "admin", "--data"]).arg(data.path()).output();
    assert!(init.expect("the program runs").status.success());
    let server = Program::serve(program(), data.path(), &[("LIS_LOG", "warn")]);
    let before = server.resident_bytes();
    let head = |path: &str, kind: &str, length: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {kind}\r\n{length}\r\n\r\n", server.address)
    };
    let announced = format!("Content-Length: {UPLOAD_BYTES}");
    let form = "application/x-www-form-urlencoded";

    let status = pour(server.address, &head("/sign-in", form, &announced), false);
    assert!(status.is_empty() || status.starts_with("HTTP/1.1 413"), "{status}");
    let status = pour(server.address, &head("/sign-in", form, "Transfer-Encoding: chunked"), true);
    assert!(status.is_empty() || status.starts_with("HTTP/1.1 413"), "{status}");
    pour(server.address, &head("/api/v1/people", "application/json", "Transfer-Encoding: chunked"), true);

    let client = lis_tests::Client::new(server.base());
    let whole = client.ask("POST", "/sign-in").form_body(vec![b'a'; 17 * 1024 * 1024]).try_send();
    if let Ok(reply) = whole {
        assert_eq!(reply.status, 413, "{}", reply.shown());
    }
    let just_over = client.ask("POST", "/sign-in").form_body(vec![b'a'; 1024 * 1024 + 1]).send().expect(413);
    assert!(just_over.page().problems().contains("1048576"), "{}", just_over.shown());
    client.get("/health/ready").expect(200);
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "the server grew by {grown} bytes");
}
