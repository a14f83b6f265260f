// Java packages whose artifacts are published under another group than their name suggests, or under one of many of their
// owner: as `package group`, the longest package counts. `4 other` says that from major version 4 on the group is another.
const PACKAGES = `
akka com.typesafe.akka
antlr antlr
bsh org.apache-extras.beanshell
ch.qos.logback ch.qos.logback
com.amazonaws com.amazonaws
com.auth0.jwt com.auth0
com.beust.jcommander com.beust
com.datastax.driver com.datastax.cassandra
com.epam.parso com.epam
com.esotericsoftware.kryo com.esotericsoftware
com.fasterxml.jackson.core com.fasterxml.jackson.core
com.github.benmanes.caffeine com.github.ben-manes.caffeine
com.github.junrar com.github.junrar
com.google.api com.google.api
com.google.common com.google.guava
com.google.crypto.tink com.google.crypto.tink
com.google.gson com.google.code.gson
com.google.inject com.google.inject
com.google.protobuf com.google.protobuf
com.google.re2j com.google.re2j
com.hazelcast com.hazelcast
com.ibm.icu com.ibm.icu
com.ibm.wsdl wsdl4j
com.jcraft.jsch com.jcraft
com.lmax.disruptor com.lmax
com.microsoft.sqlserver com.microsoft.sqlserver
com.mongodb org.mongodb
com.mysql com.mysql
com.nimbusds.jose com.nimbusds
com.opensymphony.xwork2 org.apache.struts
com.rabbitmq com.rabbitmq
com.squareup.okhttp com.squareup.okhttp
com.sun.activation com.sun.activation
com.sun.jersey com.sun.jersey
com.sun.jna net.java.dev.jna
com.sun.mail com.sun.mail
com.sun.xml.bind com.sun.xml.bind
com.thoughtworks.xstream com.thoughtworks.xstream
com.typesafe.config com.typesafe
com.zaxxer.hikari com.zaxxer
feign io.github.openfeign
freemarker org.freemarker
groovy org.codehaus.groovy 4 org.apache.groovy
groovyjarjarantlr4 org.codehaus.groovy 4 org.apache.groovy
io.dropwizard io.dropwizard
io.grpc io.grpc
io.jsonwebtoken io.jsonwebtoken
io.ktor io.ktor
io.lettuce io.lettuce
io.micrometer io.micrometer
io.micronaut io.micronaut
io.netty io.netty
io.opencensus io.opencensus
io.opentelemetry io.opentelemetry
io.opentelemetry.contrib io.opentelemetry.contrib
io.opentelemetry.instrumentation io.opentelemetry.instrumentation
io.opentelemetry.semconv io.opentelemetry.semconv
io.projectreactor io.projectreactor
io.prometheus io.prometheus
io.r2dbc io.r2dbc
io.reactivex.rxjava2 io.reactivex.rxjava2
io.reactivex.rxjava3 io.reactivex.rxjava3
io.swagger io.swagger
io.undertow io.undertow
io.vertx io.vertx
jakarta.annotation jakarta.annotation
jakarta.persistence jakarta.persistence
jakarta.servlet jakarta.servlet
jakarta.transaction jakarta.transaction
jakarta.validation jakarta.validation
javassist org.javassist
javax.activation javax.activation
javax.annotation javax.annotation
javax.cache javax.cache
javax.inject javax.inject
javax.mail javax.mail
javax.persistence javax.persistence
javax.servlet javax.servlet
javax.transaction javax.transaction
javax.validation javax.validation
javax.ws.rs javax.ws.rs
javax.xml.bind javax.xml.bind
jline jline
junit junit
kafka org.apache.kafka
kotlin org.jetbrains.kotlin
kotlinx.coroutines org.jetbrains.kotlinx
kotlinx.serialization org.jetbrains.kotlinx
liquibase org.liquibase
lombok org.projectlombok
net.bytebuddy net.bytebuddy
net.jpountz org.lz4
net.sf.ehcache net.sf.ehcache
ognl ognl
okhttp3 com.squareup.okhttp3
okio com.squareup.okio
oracle.jdbc com.oracle.database.jdbc
org.antlr org.antlr
org.aopalliance aopalliance
org.apache.activemq org.apache.activemq
org.apache.camel org.apache.camel
org.apache.cassandra org.apache.cassandra
org.apache.catalina org.apache.tomcat
org.apache.commons.beanutils commons-beanutils
org.apache.commons.cli commons-cli
org.apache.commons.codec commons-codec
org.apache.commons.collections commons-collections
org.apache.commons.dbcp commons-dbcp
org.apache.commons.digester commons-digester
org.apache.commons.fileupload commons-fileupload
org.apache.commons.fileupload2 org.apache.commons
org.apache.commons.httpclient commons-httpclient
org.apache.commons.io commons-io
org.apache.commons.jexl2 org.apache.commons
org.apache.commons.lang commons-lang
org.apache.commons.logging commons-logging
org.apache.commons.net commons-net
org.apache.commons.pool commons-pool
org.apache.commons.validator commons-validator
org.apache.coyote org.apache.tomcat
org.apache.derby org.apache.derby
org.apache.groovy org.apache.groovy
org.apache.hadoop org.apache.hadoop
org.apache.hc org.apache.httpcomponents.client5
org.apache.http org.apache.httpcomponents
org.apache.ivy org.apache.ivy
org.apache.jasper org.apache.tomcat
org.apache.juli org.apache.tomcat
org.apache.kafka org.apache.kafka
org.apache.log4j log4j
org.apache.lucene org.apache.lucene
org.apache.oro oro
org.apache.poi org.apache.poi
org.apache.shiro org.apache.shiro
org.apache.struts org.apache.struts
org.apache.struts2 org.apache.struts
org.apache.tiles org.apache.tiles
org.apache.tomcat org.apache.tomcat
org.apache.tools.ant org.apache.ant
org.apache.velocity org.apache.velocity
org.apache.xerces xerces
org.apache.xml.resolver xml-resolver
org.apache.xmlbeans org.apache.xmlbeans
org.apache.zookeeper org.apache.zookeeper
org.aspectj org.aspectj
org.assertj org.assertj
org.bouncycastle org.bouncycastle
org.ccil.cowan.tagsoup org.ccil.cowan.tagsoup
org.codehaus.groovy org.codehaus.groovy 4 org.apache.groovy
org.codehaus.jackson org.codehaus.jackson
org.codehaus.janino org.codehaus.janino
org.codehaus.jettison org.codehaus.jettison
org.dom4j org.dom4j
org.eclipse.jetty org.eclipse.jetty
org.ehcache org.ehcache
org.elasticsearch org.elasticsearch
org.flywaydb org.flywaydb
org.glassfish.jersey org.glassfish.jersey.core
org.gradle org.gradle
org.h2 com.h2database
org.hamcrest org.hamcrest
org.hibernate org.hibernate 6 org.hibernate.orm
org.hibernate.annotations.common org.hibernate.common
org.hibernate.validator org.hibernate.validator
org.hsqldb org.hsqldb
org.infinispan org.infinispan
org.intellij.lang.annotations org.jetbrains
org.jboss.logging org.jboss.logging
org.jboss.resteasy org.jboss.resteasy
org.jdom org.jdom
org.jdom2 org.jdom
org.jetbrains.annotations org.jetbrains
org.jgroups org.jgroups
org.joda.time joda-time
org.jooq org.jooq
org.jruby org.jruby
org.json org.json
org.jsoup org.jsoup
org.junit.jupiter org.junit.jupiter
org.junit.platform org.junit.platform
org.mapstruct org.mapstruct
org.mariadb.jdbc org.mariadb.jdbc
org.mockito org.mockito
org.modelmapper org.modelmapper
org.mozilla.javascript org.mozilla
org.mvel2 org.mvel
org.objectweb.asm org.ow2.asm
org.objenesis org.objenesis
org.opensearch org.opensearch
org.openxmlformats.schemas org.apache.poi
org.postgresql org.postgresql
org.python org.python
org.quartz org.quartz-scheduler
org.reactivestreams org.reactivestreams
org.slf4j org.slf4j
org.springframework org.springframework
org.springframework.amqp org.springframework.amqp
org.springframework.batch org.springframework.batch
org.springframework.boot org.springframework.boot
org.springframework.cloud org.springframework.cloud
org.springframework.data org.springframework.data
org.springframework.graphql org.springframework.graphql
org.springframework.hateoas org.springframework.hateoas
org.springframework.integration org.springframework.integration
org.springframework.kafka org.springframework.kafka
org.springframework.ldap org.springframework.ldap
org.springframework.plugin org.springframework.plugin
org.springframework.retry org.springframework.retry
org.springframework.security org.springframework.security
org.springframework.session org.springframework.session
org.springframework.ws org.springframework.ws
org.sqlite org.xerial
org.testng org.testng
org.thymeleaf org.thymeleaf
org.xerial.snappy org.xerial.snappy
org.yaml.snakeyaml org.yaml
picocli info.picocli
play com.typesafe.play
reactor.core io.projectreactor
reactor.netty io.projectreactor.netty
reactor.util io.projectreactor
redis.clients.jedis redis.clients
retrofit2 com.squareup.retrofit2
rx io.reactivex
scala org.scala-lang
software.amazon.awssdk software.amazon.awssdk
`;
// Artifacts that hold no classes, or others' than their own, and families whose packages say nothing. A dash or underscore at
// the end stands for all that begin so.
const ARTIFACTS = `
activation javax.activation
ant- org.apache.ant
aws-java-sdk-bundle com.amazonaws
azure-core com.azure
groovy org.codehaus.groovy 4 org.apache.groovy
groovy- org.codehaus.groovy 4 org.apache.groovy
grpc- io.grpc
jackson-bom com.fasterxml.jackson
jetty-jakarta-servlet-api org.eclipse.jetty.toolchain
jsp-api javax.servlet.jsp
kotlin-stdlib org.jetbrains.kotlin
kotlin-stdlib- org.jetbrains.kotlin
log4j log4j
log4j- org.apache.logging.log4j
log4j-1.2-api org.apache.logging.log4j
mysql-connector-java mysql
okhttp com.squareup.okhttp3
okio com.squareup.okio
okio- com.squareup.okio
opencensus- io.opencensus
opentelemetry-semconv io.opentelemetry.semconv
scala-collection-compat_ org.scala-lang.modules
scala-compiler org.scala-lang
scala-java8-compat_ org.scala-lang.modules
scala-library org.scala-lang
scala-parallel-collections_ org.scala-lang.modules
scala-parser-combinators_ org.scala-lang.modules
scala-reflect org.scala-lang
scala-xml_ org.scala-lang.modules
servlet-api javax.servlet
slf4j- org.slf4j
spring-boot org.springframework.boot
spring-boot- org.springframework.boot
spring-boot-starter org.springframework.boot
spring-boot-starter- org.springframework.boot
spring-cloud-starter- org.springframework.cloud
spring-jcl org.springframework
third-party-jackson-core software.amazon.awssdk
tomcat-embed- org.apache.tomcat.embed
unbescape org.unbescape
wsdl4j wsdl4j
xercesImpl xerces
xml-apis xml-apis
xml-resolver xml-resolver
`;

interface KnownGroup {
  readonly group: string;
  readonly renamed?: { readonly from: number; readonly group: string };
}

const readTable = (text: string): ReadonlyMap<string, KnownGroup> =>
  new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const [name = "", group = "", from, later] = line.split(" ");
        const renamed = later === undefined ? {} : { renamed: { from: Number(from), group: later } };
        return [name, { group, ...renamed }] as const;
      }),
  );

const packages = readTable(PACKAGES);
const artifacts = readTable(ARTIFACTS);

/** The group that a Java package's artifacts are known to have. */
export const groupOfPackage = (name: string, version: string | undefined): string | undefined => {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const known = packages.get(name.slice(0, end));
    if (known !== undefined) return groupAt(known, version);
  }
  return undefined;
};

/** The group that an artifact of this name is known to have. */
export const groupOfArtifact = (name: string, version: string | undefined): string | undefined => {
  const exact = artifacts.get(name);
  if (exact !== undefined) return groupAt(exact, version);
  for (let end = name.length; end > 0; end--) {
    const known = /[-_]/.test(name[end - 1] ?? "") ? artifacts.get(name.slice(0, end)) : undefined;
    if (known !== undefined) return groupAt(known, version);
  }
  return undefined;
};

const groupAt = ({ group, renamed }: KnownGroup, version: string | undefined): string =>
  renamed !== undefined && Number.parseInt(version ?? "", 10) >= renamed.from ? renamed.group : group;
