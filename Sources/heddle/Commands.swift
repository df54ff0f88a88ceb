import ArgumentParser
struct ServeCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "serve") }
struct MigrateCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "migrate") }
struct ImportCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "import") }
