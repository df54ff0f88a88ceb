import Testing
import Workflow
import YCRDT

@Suite struct KafkaConfigurationTests {
  private let row: JSONValue = [
    "hosts": [["a.example", "9092"], ["b", 9093]], "topics": ["t1", "t2"], "connect_timeout": .number(30.9),
    "sasl": "plain",
    "username": "amy", "password": "secret",
  ]
  private let shown: JSONValue = [
    "hosts_string": "a.example:9092, b:9093", "topics_string": "t1, t2", "connect_timeout": 30, "sasl": "plain",
  ]

  @Test func documentsHaveStringsForLists() {
    #expect(KafkaConfiguration.documentForm(ofRow: row) == shown)
    #expect(KafkaConfiguration.documentForm(ofRow: shown) == shown)
    #expect(KafkaConfiguration.documentForm(ofRow: "none") == nil)
  }

  @Test func rowsKeepTheirSecrets() {
    #expect(
      KafkaConfiguration.rowForm(of: shown, keepingSecretsOf: row) == [
        "hosts": [["a.example", "9092"], ["b", "9093"]], "topics": ["t1", "t2"], "connect_timeout": 30, "sasl": "plain",
        "username": "amy", "password": "secret",
      ])
    let forged: JSONValue = ["username": "eve", "topics_string": "t"]
    #expect(KafkaConfiguration.rowForm(of: forged, keepingSecretsOf: nil) == ["topics": ["t"]])
  }

  @Test func secretsAreNeitherWrittenToDocumentsNorReadFromThem() throws {
    let trigger = Trigger(id: "t", fields: ["type": "kafka", "kafka_configuration": row])
    #expect(trigger.kafkaConfiguration == shown)
    let doc = Doc(clientID: 1)
    let content = WorkflowContent(id: "w", name: "n", triggers: [trigger])
    WorkflowDocument.populate(doc, from: WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1))
    let bytes = String(decoding: doc.encodeStateAsUpdate(), as: UTF8.self)
    #expect(bytes.contains("topics_string") && !bytes.contains("password") && !bytes.contains("secret"))
    let map = doc.array("triggers").elements[0].map?["kafka_configuration"]?.map
    try doc.transact { try map?.set("password", "typed by somebody") }
    #expect(try WorkflowDocument.extract(doc).triggers[0].kafkaConfiguration == shown)
  }
}
