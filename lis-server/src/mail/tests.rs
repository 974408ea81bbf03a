//! Mail over a real socket: the receiver of the demonstration plays the mail server.

use super::*;
use crate::demo::smtp_receiver::SmtpReceiver;
use crate::front::QUEUES;
use crate::jobs::run_until_idle;
use crate::server::tests::{laboratory, logged};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

fn mail(key: &str) -> NewMail {
    NewMail {
        key: key.to_owned(),
        recipient: "boss@golden-grain.example".to_owned(),
        language: Language::Chinese,
        subject: "检验报告 BZ-2026-W-000001 已签发".to_owned(),
        body: "您好：\n检验报告已签发，附件为正本。\n.\n以上。".to_owned(),
        attachment: None,
        about: ("report", 1),
    }
}

fn with_server(lis: &mut Lis, server: &SmtpReceiver) {
    let url = format!("smtp://{}", server.address());
    lis.mailer = Some(Mailer::new(&url, Some("共享实验室 <lab@lis.example>")).unwrap());
}

fn only_mail(lis: &Lis) -> MailRow {
    let rows = lis.db.read_now(|conn| Ok(store::mails(conn, None, None, 10)?)).unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

/// The decoded lines of a part after its header.
fn base64_text(lines: &str) -> Vec<u8> {
    let joined: String = lines.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(joined).expect("base64")
}

#[test]
fn a_chinese_mail_with_a_report_arrives_whole_and_once() {
    let (_directory, mut lis) = laboratory();
    let server = SmtpReceiver::start().unwrap();
    with_server(&mut lis, &server);
    let pdf: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain(0..=255).collect();
    let sha256 = lis.files.put(&pdf).unwrap();
    let new =
        NewMail { attachment: Some((sha256.clone(), "BZ-2026-W-000001.pdf".to_owned())), ..mail("report:1:issued") };
    let queue = |new: NewMail| {
        let (sha256, size) = (sha256.clone(), pdf.len());
        lis.db
            .write_now(move |tx| {
                crate::files::name(tx, &sha256, size, "application/pdf", "BZ-2026-W-000001.pdf")?;
                super::queue(tx, &new)
            })
            .unwrap()
    };
    assert!(queue(new.clone()));
    assert!(!queue(new), "the same key is the same mail");
    assert_eq!(run_until_idle(&lis, QUEUES).unwrap(), 1);
    assert_eq!(run_until_idle(&lis, QUEUES).unwrap(), 0);
    assert_eq!(only_mail(&lis).state, "sent");

    let received = server.messages();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].from, "lab@lis.example");
    assert_eq!(received[0].to, ["boss@golden-grain.example"]);
    let text = String::from_utf8(received[0].data.clone()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    // `printf report:1:issued | sha256sum`, the first 32 digits.
    assert!(head.contains("Message-ID: <27b02ea0998e4d238f7493e25b9a094b@lis.example>"), "{head}");
    assert!(head.contains("Content-Type: multipart/mixed"), "{head}");
    let subject: String = head
        .split("=?utf-8?b?")
        .skip(1)
        .filter_map(|word| word.split_once("?=").map(|(coded, _)| coded.to_owned()))
        .map(|coded| String::from_utf8(base64_text(&coded)).unwrap())
        .collect();
    assert!(subject.contains("检验报告") && subject.contains("共享实验室"), "{subject}");
    let parts: Vec<&str> = body.split("\r\n--").collect();
    let content = |part: &str| base64_text(part.split_once("\r\n\r\n").unwrap().1);
    let plain = parts.iter().find(|part| part.contains("text/plain; charset=utf-8")).expect("a text part");
    assert_eq!(
        String::from_utf8(content(plain)).unwrap().replace("\r\n", "\n"),
        "您好：\n检验报告已签发，附件为正本。\n.\n以上。"
    );
    let file = parts.iter().find(|part| part.contains("filename=\"BZ-2026-W-000001.pdf\"")).expect("an attachment");
    assert_eq!(content(file), pdf);
}

#[test]
fn a_busy_server_is_tried_again_and_a_refusal_is_final_until_a_person_retries() {
    let (_directory, mut lis) = laboratory();
    let server = SmtpReceiver::start().unwrap();
    with_server(&mut lis, &server);
    lis.db.write_now(|tx| super::queue(tx, &mail("k"))).unwrap();
    server.answer_recipient("451 4.3.0 later");
    assert!(send_one(&lis).unwrap());
    let waiting = only_mail(&lis);
    assert_eq!((waiting.state.as_str(), waiting.attempts), ("queued", 1));
    assert!(waiting.last_error.contains("later"), "{}", waiting.last_error);
    let wait = waiting.next_attempt_at.since(lis.clock.real()).num_seconds();
    assert!((50..=60).contains(&wait), "{wait}");
    assert!(!send_one(&lis).unwrap(), "not before its time");

    let real = lis.clock.real().plus(TimeDelta::minutes(2));
    let token = "later".to_owned();
    let row = lis
        .db
        .write_now(move |tx| Ok(store::claim(tx.conn, real, &token, real.plus(TimeDelta::minutes(1)))?))
        .unwrap()
        .unwrap();
    assert_eq!(row.attempts, 2);
    server.answer_recipient("550 5.1.1 no such mailbox");
    let refused = send(&lis, lis.mailer.as_ref().unwrap(), &row);
    assert!(matches!(&refused, Err(Failure::Refused(why)) if why.contains("no such mailbox")), "{refused:?}");
    finish(&lis, row, "later".to_owned(), refused).unwrap();
    assert_eq!(only_mail(&lis).state, "failed");
    assert!(!send_one(&lis).unwrap());

    let id = only_mail(&lis).id;
    assert!(lis.db.write_now(move |tx| Ok(store::requeue(tx.conn, id, tx.now)?)).unwrap());
    assert!(send_one(&lis).unwrap());
    assert_eq!(only_mail(&lis).state, "sent");
    assert_eq!(server.messages().len(), 1);
}

#[test]
fn the_laboratorys_own_sign_in_is_no_fault_of_the_mail() {
    let (_directory, mut lis) = laboratory();
    let server = SmtpReceiver::start().unwrap();
    with_server(&mut lis, &server);
    lis.db.write_now(|tx| super::queue(tx, &mail("k"))).unwrap();
    server.answer_recipient("530 5.7.0 authentication required");
    assert!(send_one(&lis).unwrap());
    assert_eq!(only_mail(&lis).state, "queued");
}

#[test]
fn without_a_server_mails_wait() {
    let (_directory, lis) = laboratory();
    lis.db.write_now(|tx| super::queue(tx, &mail("k"))).unwrap();
    assert!(!send_one(&lis).unwrap());
    assert_eq!(only_mail(&lis).state, "queued");
}

#[test]
fn a_server_that_is_down_delays() {
    let (_directory, mut lis) = laboratory();
    let server = SmtpReceiver::start().unwrap();
    with_server(&mut lis, &server);
    drop(server);
    lis.db.write_now(|tx| super::queue(tx, &mail("k"))).unwrap();
    assert!(send_one(&lis).unwrap());
    assert_eq!((only_mail(&lis).state.as_str(), only_mail(&lis).attempts), ("queued", 1));
}

#[test]
fn what_sending_logs_carries_the_mail_and_no_recipient() {
    let (_directory, mut lis) = laboratory();
    // Nobody listens on port 1.
    lis.mailer = Some(Mailer::new("smtp://127.0.0.1:1", Some("lab@lis.example")).unwrap());
    lis.db.write_now(|tx| super::queue(tx, &mail("logged"))).unwrap();
    let log = logged(|| assert!(send_one(&lis).unwrap()));
    let line = log.lines().find(|line| line.contains("A mail could not be sent")).expect("a warning");
    assert!(line.contains("mail{mail.id=1 mail.attempts=1 mail.about=\"report\"}"), "{line}");
    assert!(!log.contains("golden-grain"), "{log}");
}
