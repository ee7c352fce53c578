@tool
extends Node
## The studio's REST interface. Every function is to be awaited; what goes wrong comes as a sentence.

const Connection := preload("connection.gd")

const API: String = "/api/v1"
const WITHIN: float = 60.0  # seconds for one answer
const TRIES: int = 5  # where the studio says that it is to be asked later
const AT_ONCE: int = 4
const REDIRECTS: Array[int] = [301, 302, 303, 307, 308]

const FAILURES: Dictionary = {
	HTTPRequest.RESULT_CANT_RESOLVE: "There is no such address.",
	HTTPRequest.RESULT_CANT_CONNECT: "Nobody answers there.",
	HTTPRequest.RESULT_CONNECTION_ERROR: "The connection broke.",
	HTTPRequest.RESULT_TLS_HANDSHAKE_ERROR: "Its certificate is not one that Godot trusts.",
	HTTPRequest.RESULT_TIMEOUT: "It did not answer in time.",
	HTTPRequest.RESULT_NO_RESPONSE: "It gave no answer.",
}


## What a route answers: {status, trouble, data}. `trouble` is "" where all went well.
func ask(route: String, query: Dictionary = {}) -> Dictionary:
	var words: PackedStringArray = []
	for key: String in query:
		if not str(query[key]).is_empty():
			words.append("%s=%s" % [key, str(query[key]).uri_encode()])
	var url: String = API + route + ("?" + "&".join(words) if not words.is_empty() else "")
	var answer: Dictionary = await bytes_of(url)
	answer["data"] = {}
	if str(answer["trouble"]).is_empty():
		var json: JSON = JSON.new()
		var body: PackedByteArray = answer["body"]
		if json.parse(body.get_string_from_utf8()) == OK and json.data is Dictionary:
			answer["data"] = json.data
		else:
			answer["trouble"] = "What answers at this address is no Housestyle studio."
	return answer


## The bytes behind an address that the studio gave: {status, trouble, body, type}.
func bytes_of(address: String) -> Dictionary:
	var said: String = Connection.trouble_of(Connection.address())
	if not said.is_empty():
		return _failed(said)
	var url: String = _whole(address)
	for _try: int in TRIES:
		# The token goes to the studio alone: a store that it leads to has its own signature.
		var answer: Dictionary = await _send(url)
		var status: int = answer["status"]
		if status in REDIRECTS:
			url = _whole(_header(answer["headers"], "location"))
		elif status == 429 or status == 503:
			var pause: float = clampf(float(_header(answer["headers"], "retry-after")), 1, 60)
			await get_tree().create_timer(pause).timeout
		else:
			return answer
	return _failed("The studio is too busy. Try again later.")


## The details of pictures by id, a few at once: as `ask` answers for each.
func details_of(ids: Array) -> Dictionary:
	var waiting: Array = ids.duplicate()
	var found: Dictionary = {}
	for _line: int in mini(AT_ONCE, waiting.size()):
		_ask_in_turn(waiting, found)
	while found.size() < ids.size():
		await get_tree().process_frame
	return found


func _ask_in_turn(waiting: Array, found: Dictionary) -> void:
	while not waiting.is_empty():
		var id: String = waiting.pop_back()
		var answer: Dictionary = await ask("/assets/" + id.uri_encode())
		found[id] = answer


func _send(url: String) -> Dictionary:
	var headers: PackedStringArray = []
	if (url + "/").begins_with(Connection.address() + "/") and not Connection.token().is_empty():
		headers.append("Authorization: Bearer " + Connection.token())
	var request: HTTPRequest = HTTPRequest.new()
	request.timeout = WITHIN
	request.max_redirects = 0
	request.use_threads = true
	add_child(request)
	if request.request(url, headers) != OK:
		request.queue_free()
		return _failed("The address %s can't be asked." % Connection.address())
	var come: Array = await request.request_completed
	request.queue_free()
	var result: int = come[0]
	var answer: Dictionary = {"status": come[1], "headers": come[2], "body": come[3]}
	answer["type"] = _header(come[2], "content-type").get_slice(";", 0)
	answer["trouble"] = ""
	if result == HTTPRequest.RESULT_REDIRECT_LIMIT_REACHED and answer["status"] in REDIRECTS:
		return answer
	if result != HTTPRequest.RESULT_SUCCESS:
		var why: String = FAILURES.get(result, "The request failed (%d)." % result)
		return _failed("%s: %s" % [Connection.address(), why])
	if int(answer["status"]) >= 400:
		answer["trouble"] = _problem(answer)
	return answer


## What an answer of RFC 9457 says, and what can be done.
static func _problem(answer: Dictionary) -> String:
	var body: PackedByteArray = answer["body"]
	var json: JSON = JSON.new()
	if json.parse(body.get_string_from_utf8()) == OK and json.data is Dictionary:
		var problem: Dictionary = json.data
		var told: String = str(problem.get("detail", problem.get("title", "")))
		return (told + " " + str(problem.get("remedy", ""))).strip_edges()
	return "The studio answered %d." % answer["status"]


static func _whole(address: String) -> String:
	return Connection.address() + address if address.begins_with("/") else address


static func _header(headers: PackedStringArray, wanted: String) -> String:
	for header: String in headers:
		if header.get_slice(":", 0).to_lower() == wanted:
			return header.substr(wanted.length() + 1).strip_edges()
	return ""


static func _failed(why: String) -> Dictionary:
	return {"status": 0, "trouble": why, "headers": PackedStringArray(), "body": PackedByteArray()}
