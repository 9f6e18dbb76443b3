package router

// languageNames tell the programming language that a text speaks of. Names that
// are words of English too count only where programs are spoken of.
const languageNames = `
c 3: ansi c | c99 | c11 | in c code | c程序 | c语言
c 1: in c | c program | c code | c function | c library
cpp 3: c++* | cpp | g++
csharp 3: c#* | csharp | .net | asp.net | dotnet | blazor
css 3: css | scss | tailwind | flexbox
dart 3: flutter | dart code | in dart
dart 1: dart
elixir 3: elixir code | in elixir | phoenix liveview
elixir 1: elixir
go 3: golang | goroutine* | go语言 | gofmt | go.mod | in go code
go 2: go code | go function | go program | go module | go struct | go service | go test | go library | go package | 用go | go代码 | go程序 | go 代码 | go 程序 | go 语言
go 1: in go | with go | using go | go
haskell 3: haskell | ghc
html 3: html | html5
java 3: java code | java program | java class | java method | in java | spring boot | springboot | jvm | maven | gradle | java程序 | java代码 | 用java
java 2: java
javascript 3: javascript | node.js | nodejs | react | react.js | vue | vue.js | next.js | express.js | jquery | npm | webpack
kotlin 3: kotlin | jetpack compose
lua 3: lua
perl 3: perl
php 3: php | laravel | wordpress plugin | composer.json
powershell 3: powershell
python 3: python* | django | flask | fastapi | pandas | numpy | pytest | pip install | jupyter
r 3: rstudio | ggplot2 | tidyverse | dplyr | r语言
r 1: in r | r code | r script
ruby 3: ruby on rails | rubygems | ruby code | in ruby
ruby 1: ruby | rails
rust 3: rust code | in rust | rustc | cargo.toml | borrow checker | rust程序 | 用rust
rust 1: rust | cargo
scala 3: scala
shell 3: bash | zsh | shell script* | shell脚本 | crontab | shell 脚本
sql 3: sql | mysql | postgres* | sqlite | sql查询
swift 3: swiftui | xcode | swift code | in swift
swift 1: swift
typescript 3: typescript | angular | tsconfig* | deno
`

// languageSyntax tells the programming language that a piece of code is in.
const languageSyntax = `
c 3: #include <std* | #include <string.h> | malloc( | printf( | int main(* | sizeof(*
c 1: struct | char * | void
cpp 4: std:: | #include <iostream* | #include <vector* | cout << | template < | template<* | nullptr | using namespace | vector<* | unique_ptr<*
csharp 4: using system* | console.write* | namespace | public async task* | string[] args | linq
csharp 1: public class | var
css 3: margin: | padding: | display: | background: | font-size: | border-radius: | @media
dart 3: void main() async | statelesswidget | statefulwidget | buildcontext | import 'package:*
elixir 3: defmodule | |> | iex>
go 4: ) int { | ) error { | ) string { | func (* | package main | err != nil | := | go func( | fmt.* | make(chan* | make(map* | interface{}
go 2: func | defer | chan
haskell 3: :: int -> | :: string -> | where | main = do | data maybe
html 4: <!doctype html | <div* | </div> | <html* | <body* | </p> | <span* | <script* | <a href*
java 4: public static void* | system.out.* | @override | import java* | new arraylist* | private final | throws exception | @autowired | string[] args)
java 2: public class | private string | extends | implements
javascript 4: console.log* | => { | function( | document.* | require(' | require(" | === | !== | module.exports | export default | addeventlistener* | usestate(
javascript 2: const | let | async function | await | function
kotlin 4: fun main* | suspend fun | data class | override fun | val | println(
lua 3: local function | then | elseif | nil then | end)
perl 4: use strict | my $* | $_ | @_ | =~
php 5: <?php | $this-> | echo $* | array( | function ($ | public function | ->get(
powershell 4: get-childitem | write-host | $psversiontable | -eq | foreach-object | param(
python 4: def __init__* | self.* | import numpy* | import pandas* | elif | __name__ | print(f* | lambda | none: | except | import os | import sys | from typing* | async def | @property | is not none | is none
python 3: def | print( | in range(
r 3: <- c( | library( | data.frame( | %>% | ggplot(
ruby 4: puts | attr_accessor | .each do | end end | require ' | nil? | do |* | def self.*
rust 5: fn main* | let mut | println!* | impl | &mut | unwrap() | -> result<* | #[derive* | pub fn | ::new( | use std::* | match self | &str
rust 3: fn
scala 4: case class | object | def main(args* | extends app | implicit | val
shell 4: #!/bin/* | #!/usr/bin/env bash | sudo | apt-get | chmod | | grep | $( | fi | done | esac | echo "* | export path* | curl -* | set -e*
sql 4: insert into | create table | group by | order by | inner join | left join | select * | select count(* | alter table | update set | primary key | delete from | where
sql 2: select | from
swift 4: guard let | if let | import swiftui | import foundation | import uikit | @state | func viewdidload* | var body: some view | -> string {
typescript 5: : string | : number | : boolean | interface | export type | export interface | readonly | as const | : promise<* | <t> | enum
typescript 1: import type
`

// fences are the tags of languages after three backticks.
var fences = map[string]string{
	"c": "c", "h": "c", "cpp": "cpp", "c++": "cpp", "cc": "cpp", "hpp": "cpp", "cs": "csharp", "csharp": "csharp", "c#": "csharp",
	"css": "css", "scss": "css", "less": "css", "dart": "dart", "elixir": "elixir", "ex": "elixir", "go": "go", "golang": "go",
	"haskell": "haskell", "hs": "haskell", "html": "html", "java": "java", "js": "javascript", "javascript": "javascript",
	"jsx": "javascript", "mjs": "javascript", "node": "javascript", "kotlin": "kotlin", "kt": "kotlin", "lua": "lua", "perl": "perl",
	"pl": "perl", "php": "php", "powershell": "powershell", "ps1": "powershell", "pwsh": "powershell", "py": "python",
	"python": "python", "python3": "python", "r": "r", "rb": "ruby", "ruby": "ruby", "rs": "rust", "rust": "rust", "scala": "scala",
	"sh": "shell", "bash": "shell", "shell": "shell", "zsh": "shell", "console": "shell", "sql": "sql", "mysql": "sql",
	"postgresql": "sql", "plsql": "sql", "swift": "swift", "ts": "typescript", "tsx": "typescript", "typescript": "typescript",
}

// codeStarts are how lines of code begin, folded, and what such a line must
// have besides; "" for nothing.
var codeStarts = [...][2]string{
	{"func ", "("},
	{"def ", "("},
	{"class ", ":"},
	{"class ", "{"},
	{"import ", ";"},
	{"import ", "\""},
	{"import (", ""},
	{"from ", " import "},
	{"#include", ""},
	{"const ", "="},
	{"let ", " = "},
	{"var ", " = "},
	{"public ", "("},
	{"public ", "{"},
	{"private ", "("},
	{"private ", ";"},
	{"fn ", "("},
	{"pub fn ", "("},
	{"impl ", "{"},
	{"package ", ";"},
	{"package main", ""},
	{"using ", ";"},
	{"select ", " from "},
	{"insert into ", "("},
	{"create table ", ""},
	{"update ", " set "},
	{"<?php", ""},
	{"<div", ">"},
	{"<html", ""},
	{"<!doctype", ""},
	{"#!/", ""},
	{"@override", ""},
	{"if (", "{"},
	{"for (", "{"},
	{"while (", "{"},
	{"for ", " in range("},
	{"if __name__", ""},
	{"console.log(", ""},
	{"print(", ")"},
	{"printf(", ""},
	{"system.out.", ""},
	{"return ", ";"},
	{"function ", "("},
	{"async function ", ""},
	{"export ", "{"},
	{"struct ", "{"},
	{"interface ", "{"},
	{"type ", " struct"},
	{"fun ", "("},
	{"defmodule ", ""},
	{"try {", ""},
	{"} catch", ""},
	{"} else", ""},
	{"sudo ", ""},
	{"elif ", ":"},
	{"except ", ":"},
	{"while ", ":"},
	{"echo $", ""},
	{"echo \"", ""},
}
