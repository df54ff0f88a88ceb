import Workflow

extension Trigger {
  /// Given keys are set, others stay; the secrets belong to the application.
  mutating func readKafkaConfiguration(_ node: inout ImportNode) {
    let key = "kafka_configuration"
    guard let given = node.members[key], !given.isNull else { return }
    guard let members = given.object else { return node.add(key, "is invalid") }
    for secret in KafkaConfiguration.secretKeys.sorted() where members[secret].map({ !$0.isNull }) ?? false {
      node.add(key, ImportErrors(secret, "credentials can only be changed through the dashboard"))
    }
    // Lists that say what is there already leave its spelling alone.
    let lists = kafkaConfiguration.map(KafkaConfiguration.lists) ?? [:]
    let news = members.filter { lists[$0.key] != $0.value }
    guard let change = KafkaConfiguration.documentForm(ofRow: .object(news))?.object else { return }
    kafkaConfiguration = .object((kafkaConfiguration?.object ?? [:]).merging(change) { $1 })
  }
}
